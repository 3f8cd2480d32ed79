using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Native.Downloads;
using Clouds.Tests.Native.Catalogue;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class ModelVerifyVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SmallManifest _small = new();

    private string Model => _folder["small.pth"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void File_AsPublished_PassesEveryCheck()
    {
        _small.Write(Model);
        Publish(FileDigest.Of(Model, null, default));
        Assert.Equal([("structure", true), ("digest", true), ("finite", true), ("model", true)], Checks(Model));
    }

    [Fact]
    public void File_UnderAPublishedNameWithAnotherDigest_Fails()
    {
        _small.Write(Model);
        Publish(new string('0', 64));
        Assert.Equal([("structure", true), ("digest", false), ("finite", true), ("model", true)], Checks(Model));
        Assert.Equal(1, Verify(Model).ExitCode);
    }

    [Fact]
    public void File_WithoutAPublishedDigest_PassesWithADash()
    {
        _small.Write(Model);
        CommandLineRun run = Verify(Model);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("nothing to compare it with", run.Out, StringComparison.Ordinal);
        Assert.Equal([("structure", true), ("digest", null), ("finite", true), ("model", true)], Checks(Model));
    }

    [Fact]
    public void Files_OfWhichOneIsWrong_FailTogether()
    {
        _small.Write(Model);
        _small.Write(_folder["nan.bin"], value: float.NaN);
        _small.Write(_folder["short.bin"], tensors => tensors.Where(tensor => tensor.Name != "conv1.weight"));
        CommandLineRun run = Verify(Model, _folder["nan.bin"], _folder["short.bin"], _folder["none.bin"]);
        Assert.Equal(1, run.ExitCode);
        string[] texts = ["NaN at element 0", "conv1.weight first", "small: 10 of 10 tensors"];
        Assert.All(texts, text => Assert.Contains(text, run.Out, StringComparison.Ordinal));
        Assert.Equal(3, run.Out.Split("FAIL").Length - 1);
    }

    [Fact]
    public void File_ThatIsCutOff_FailsItsStructure() => AssertDamaged(bytes => bytes[..^5], "outside the file");

    [Fact]
    public void File_WhoseHeaderIsTooLong_FailsItsStructure() =>
        AssertDamaged(bytes => [.. bytes[..3], 0x40, .. bytes[4..]], "the header length makes no sense");

    [Fact]
    public void File_OfOursWithAnotherBit_FailsItsStructure() =>
        AssertDamaged(bytes => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)], "its content is not what was written");

    [Fact]
    public void File_ThatHasToBeAnotherModel_Fails()
    {
        _small.Write(Model);
        Assert.Equal(1, Verify(Model, "--as", "mit_b5").ExitCode);
        Assert.Equal((int)Failure.Usage, Verify(Model, "--as", "nobody").ExitCode);
        Assert.Equal(1, Verify(Model, "--sha256", "00000000").ExitCode);
        Assert.Equal(0, Verify(Model, "--sha256", FileDigest.Of(Model, null, default)[..12].ToUpperInvariant()).ExitCode);
        Assert.Equal((int)Failure.Usage, Verify(Model, "--sha256", "0000").ExitCode);
    }

    // Found before any tensor is looked at.
    private void AssertDamaged(Func<byte[], byte[]> damage, string word)
    {
        _small.Write(Model);
        File.WriteAllBytes(Model, damage(File.ReadAllBytes(Model)));
        CommandLineRun run = Verify(Model);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(word, run.Out, StringComparison.Ordinal);
    }

    private (string?, bool?)[] Checks(string file) =>
    [
        .. JsonElement.Parse(Verify(file, "--json").Out).GetProperty("files")[0].GetProperty("checks").EnumerateArray()
            .Select(check => (check.GetProperty("name").GetString(), check.GetProperty("passed").ValueKind == JsonValueKind.Null
                ? (bool?)null
                : check.GetProperty("passed").GetBoolean())),
    ];

    private void Publish(string digest) => _small.With(
        "files", new JsonArray(new JsonObject { ["name"] = "small.pth", ["url"] = "https://example.org/small.pth", ["sha256"] = digest }));

    private CommandLineRun Verify(params string[] arguments)
    {
        string manifests = Directory.CreateDirectory(_folder["manifests"]).FullName;
        _small.Save(manifests);
        return CommandLineRun.Clouds(["model", "verify", "--catalogue", manifests, .. arguments]);
    }
}
