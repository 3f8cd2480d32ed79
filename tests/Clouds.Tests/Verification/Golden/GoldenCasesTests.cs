using Clouds.Verification.Golden;

namespace Clouds.Tests.Verification.Golden;

/// <summary>Every golden case of the repository, compared by the rules of its own case.json: what `clouds verify tests/golden` does.</summary>
[Kind(TestKind.Fast)]
public sealed class GoldenCasesTests
{
    private static readonly string Golden = Path.Combine(Repository.Root, "tests", "golden");

    public static TheoryData<string> Cases => [.. Directory.EnumerateFiles(Golden, "case.json", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Golden, Path.GetDirectoryName(file)!)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void GoldenCase_OnTheProcessor_IsReproduced(string path)
    {
        VerifySummary summary = VerifyRunner.Run(new VerifyRequest(Path.Combine(Golden, path)), GoldenModules.All);
        CaseResult result = Assert.Single(summary.Cases);
        Assert.True(result.Passed, $"{result.Problem} {result.Worst?.Tensor} {result.Worst?.Ratio} {result.Worst?.Detail}");
    }

    [Theory]
    [InlineData("msdeform_core")]
    [InlineData("pixel_decoder")]
    [InlineData("transformer_decoder")]
    [InlineData("criterion")]
    [InlineData("convnext")]
    [InlineData("clip_text")]
    [InlineData("clip_resnet")]
    [InlineData("torchvision_resnet")]
    [InlineData("mit")]
    [InlineData("clip_tokenizer")]
    [InlineData("optimizer")]
    [InlineData("training")]
    [InlineData("clouds_inference")]
    [InlineData("connected_components")]
    [InlineData("clouds_pseudo_labels")]
    [InlineData("sam")]
    [InlineData("sam_tinyvit")]
    [InlineData("sd_text_encoder")]
    [InlineData("sd2_text_encoder")]
    [InlineData("sd_unet")]
    [InlineData("sd2_unet")]
    [InlineData("sd_vae")]
    [InlineData("sd_text2image")]
    [InlineData("sd2_text2image")]
    [InlineData("sd_scheduler")]
    [InlineData("llama")]
    public void GoldenCases_OfEverySupportedModule_AreThere(string module) =>
        Assert.True(Directory.Exists(Path.Combine(Golden, module)) && Directory.EnumerateDirectories(Path.Combine(Golden, module)).Any());
}
