using System.Runtime.Versioning;
using Clouds.Diagnostics;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Published;

/// <summary>The miniatures inside the one file, where the home cannot be written.</summary>
[Kind(TestKind.Published)]
[SupportedOSPlatform("linux")]
public sealed class CarriedMiniaturesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PublishedTheory(PublishedNeeds.None)]
    [InlineData("clip")]
    [InlineData("sam")]
    [InlineData("diffusion")]
    [InlineData("llm")]
    public void Card_OfAMiniature_IsReadAmongTheTemporaryFilesOrSaidToBeMissing(string key)
    {
        CommandLineRun run = PublishedClouds.Run(
            [("HOME", "/proc"), ("XDG_CACHE_HOME", ""), ("TMPDIR", _folder.Path), ("DOTNET_BUNDLE_EXTRACT_BASE_DIR", "")], "model", "card", $"mini:{key}");
        bool carried = File.Exists(Path.Combine(Repository.Root, "models", "mini", key, "card.json"));
        Assert.True(run.ExitCode == (carried ? 0 : (int)Failure.Usage), run.Error);
        Assert.Contains(carried ? "F16" : "carries no such miniature", carried ? run.Out : run.Error, StringComparison.Ordinal);
        Assert.Equal(carried ? 1 : 0, Directory.GetDirectories(_folder.Path, $"{key}-*", SearchOption.AllDirectories).Length);
    }
}
