using System.Runtime.Versioning;
using System.Text.Json;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Published;

/// <summary>Where the one file finds the native libraries inside it.</summary>
[Kind(TestKind.Published)]
[SupportedOSPlatform("linux")]
public sealed class CarriedLibrariesTests : IDisposable
{
    private const string FolderVariable = "DOTNET_BUNDLE_EXTRACT_BASE_DIR";
    private const string OnnxRuntime = "libonnxruntime.so";
    private const string Vips = "libvips.so.42";
    private const string InMemory = "in memory, as there is no folder of this user's to unpack it to";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PublishedTheory(PublishedNeeds.None)]
    [InlineData("/nonexistent")]
    [InlineData("/proc")]
    [InlineData("/dev/null")]
    public void Doctor_HomeCannotBeWritten_RunsOnLibrariesInMemory(string home)
    {
        Dictionary<string, string> found = Doctor((FolderVariable, ""), ("HOME", home), ("TMPDIR", _folder.Path));
        Assert.Equal(InMemory, found[OnnxRuntime]);
        Assert.Equal(InMemory, found[Vips]);
        Assert.Equal("libvips encodes and decodes", found["images"]);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [PublishedFact(PublishedNeeds.None)]
    public void Doctor_Home_KeepsTheLibrariesAndNothingElse()
    {
        Dictionary<string, string> found = Doctor((FolderVariable, ""), ("HOME", _folder.Path));
        string[] files = Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories);
        Assert.Equal([found[OnnxRuntime], found[Vips]], files.Order());
        Assert.StartsWith(Path.Combine(_folder.Path, ".net", "clouds"), found[Vips], StringComparison.Ordinal);
    }

    [PublishedFact(PublishedNeeds.None)]
    public void Doctor_FolderThatOthersCanWriteTo_IsNotTrusted()
    {
        string planted = Doctor((FolderVariable, _folder.Path))[Vips];
        File.WriteAllBytes(planted, new byte[new FileInfo(planted).Length]);
        File.SetUnixFileMode(Path.GetDirectoryName(planted)!, (UnixFileMode)0b111_111_111);
        Dictionary<string, string> found = Doctor((FolderVariable, _folder.Path));
        Assert.Equal(InMemory, found[Vips]);
        Assert.Equal("libvips encodes and decodes", found["images"]);
    }

    [PublishedFact(PublishedNeeds.None)]
    public void Doctor_LibraryCutByACrash_IsUnpackedAgain()
    {
        string library = Doctor((FolderVariable, _folder.Path))[Vips];
        File.WriteAllBytes(library, new byte[1000]);
        Assert.Equal(library, Doctor((FolderVariable, _folder.Path))[Vips]);
    }

    [PublishedFact(PublishedNeeds.None)]
    public void Doctor_LibrariesOfTheSameNamesOnThePath_AreNotTaken()
    {
        foreach (string name in (string[])[OnnxRuntime, "libonnxruntime.so.1", Vips])
        {
            File.WriteAllText(_folder[name], "not a library");
        }

        Dictionary<string, string> found = Doctor(("LD_LIBRARY_PATH", _folder.Path));
        Assert.Equal("libvips encodes and decodes", found["images"]);
        Assert.Contains("a graph with Conv", found["device cpu"], StringComparison.Ordinal);
    }

    [PublishedFact(PublishedNeeds.None)]
    public void Version_UnpacksNothing()
    {
        Assert.Equal(0, PublishedClouds.Run([(FolderVariable, _folder.Path)], "version").ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    private static Dictionary<string, string> Doctor(params (string, string)[] variables)
    {
        CommandLineRun run = PublishedClouds.Run(variables, "doctor", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        return JsonDocument.Parse(run.Out).RootElement.EnumerateArray()
            .ToDictionary(line => line.GetProperty("subject").GetString()!, line => line.GetProperty("value").GetString()!);
    }
}
