using System.Diagnostics;
using System.Text.Json;
using Clouds.Native.Images;

namespace Clouds.Tests.Cli.Commands;

/// <summary>Folders that `clouds segment` reads, with more in them than images, and those that it writes, with older results in them.</summary>
[Kind(TestKind.Fast)]
public sealed class SegmentFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Segment_FolderWithResultsOfOtherImages_IsRefusedUnlessTheyAreReplacedOrKept()
    {
        ImageFile.WritePng(_folder["old/deep/a.png"], Pictures.Noise(40, 40));
        ImageFile.WritePng(_folder["new/b.png"], Pictures.Noise(40, 40));
        Assert.Equal(0, Segment(_folder["old"], "--scores").ExitCode);
        File.WriteAllText(_folder["out/mine.json"], "{}");
        File.WriteAllText(_folder["out/mine.labels.txt"], "");
        CommandLineRun refused = Segment(_folder["new"]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("deep/a.labels.png, deep/a.overlay.png, deep/a.scores.safetensors, deep/a.json", refused.Error, StringComparison.Ordinal);
        Assert.Matches(@"--overwrite to remove them, or --skip-existing to\s+go on", refused.Error);
        Assert.False(File.Exists(_folder["out/b.json"]));

        Assert.Contains("1 labelled, 0 failed", Segment(_folder["new"], "--skip-existing").Out, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["out/deep/a.json"]));
        Assert.Contains("1 labelled, 0 failed", Segment(_folder["new"], "--overwrite").Out, StringComparison.Ordinal);
        Assert.Equal(
            ["b.json", "b.labels.png", "b.overlay.png", "mine.json", "mine.labels.txt"],
            Directory.GetFiles(_folder["out"], "*", SearchOption.AllDirectories).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Segment_OtherResultsOfTheSameImage_AreRefusedOrReplacedAsAWhole()
    {
        ImageFile.WritePng(_folder["in/a.png"], Pictures.Noise(40, 40));
        Assert.Equal(0, Segment(_folder["in"], "--scores").ExitCode);
        CommandLineRun refused = Segment(_folder["in"], "--overlay", "jpeg");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("a.overlay.png, a.scores.safetensors", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, Segment(_folder["in"], "--overlay", "jpeg", "--overwrite").ExitCode);
        Assert.Equal(
            ["a.json", "a.labels.png", "a.overlay.jpg"], Directory.GetFiles(_folder["out"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Segment_ImageThatCannotBeReadAnyMore_LosesItsEarlierResults()
    {
        ImageFile.WritePng(_folder["in/a.png"], Pictures.Noise(40, 40));
        ImageFile.WritePng(_folder["in/b.png"], Pictures.Noise(40, 40));
        Assert.Equal(0, Segment(_folder["in"]).ExitCode);
        File.WriteAllText(_folder["in/b.png"], "no image");
        Assert.Equal(3, Segment(_folder["in"]).ExitCode);
        Assert.True(File.Exists(_folder["out/a.json"]));
        Assert.Empty(Directory.GetFiles(_folder["out"], "b.*"));
    }

    [Fact]
    public void Segment_OutputBesideTheImages_RemovesNoInput()
    {
        ImageFile.WritePng(_folder["out/a.png"], Pictures.Noise(40, 40));
        Assert.Equal(0, Segment(_folder["out/a.png"]).ExitCode);
        CommandLineRun run = Segment(_folder["out"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("3 labelled, 0 failed, 1 passed over: 1 as no image's ending (a.json)", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Segment_OtherFilesInAFolder_AreCountedWithTheirReasons()
    {
        ImageFile.WritePng(_folder["in/a.png"], Pictures.Noise(40, 40));
        File.WriteAllBytes(_folder["in/bad.png"], ImageFile.EncodePng(Pictures.Noise(40, 40))[..600]);
        Assert.All((string[])["in/b.BMP", "in/deep/c.bmp", "in/d.gif", "in/notes.txt", "in/none"], name => File.WriteAllText(_folder[name], "text"));
        CommandLineRun run = Segment(_folder["in"]);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("1 labelled, 1 failed, 5 passed over: 2 as BMP is a format that is not read (b.BMP, c.bmp); ", run.Out, StringComparison.Ordinal);
        Assert.Contains("1 as GIF is a format that is not read (d.gif)", run.Out, StringComparison.Ordinal);
        Assert.Contains("2 as no image's ending (none, notes.txt)", run.Out, StringComparison.Ordinal);

        using JsonDocument json = JsonDocument.Parse(Segment(_folder["in"], "--json").Out);
        Assert.Equal(
            [("b.BMP", "BMP is a format that is not read"), ("c.bmp", "BMP is a format that is not read"), ("d.gif", "GIF is a format that is not read"),
                ("none", "no image's ending"), ("notes.txt", "no image's ending")],
            json.RootElement.GetProperty("passedOver").EnumerateArray()
                .Select(file => (Path.GetFileName(file.GetProperty("file").GetString())!, file.GetProperty("reason").GetString()!)).Order());
        Assert.Equal(1, json.RootElement.GetProperty("failed").GetArrayLength());
    }

    [Fact]
    public void Segment_FolderOfOtherFilesOnly_IsBadInputThatNamesThem()
    {
        File.WriteAllText(_folder["in/b.bmp"], "BM");
        CommandLineRun run = Segment(_folder["in"]);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("1 as BMP is a format that is not read (b.bmp)", run.Error, StringComparison.Ordinal);
    }

    // Weights that are copied to memory are no files: the limit meets a result first, and .NET's guard of compiled code, which is a file, is off.
    [Theory]
    [InlineData(1, 5)]
    [InlineData(1000, 0)]
    public void Segment_FilesMayNotGrow_IsAnOutputFailureWhereAResultIsTooLarge(int kilobytes, int code)
    {
        ImageFile.WritePng(_folder["in/a.png"], Pictures.Noise(40, 40));
        ProcessStartInfo shell = new("bash", ["-c", $"""ulimit -f {kilobytes}; exec "$0" "$@" """, Path.Combine(AppContext.BaseDirectory, "clouds"),
            "segment", TinyRun.Model, _folder["in"], "--out", _folder["out"], "--device", "cpu"])
        {
            RedirectStandardError = true,
            Environment = { ["DOTNET_EnableWriteXorExecute"] = "0" },
        };
        using Process process = Process.Start(shell)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == code, error);
        Assert.DoesNotContain("defect", error, StringComparison.Ordinal);
    }

    private CommandLineRun Segment(string input, params string[] more)
        => CommandLineRun.Clouds(["segment", TinyRun.Model, input, "--out", _folder["out"], "--device", "cpu", .. more]);
}
