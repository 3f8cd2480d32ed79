using System.Text.RegularExpressions;
using Clouds.Native.Images;
using Clouds.Tests.Native.Sam;
using Clouds.Tests.Runtime.Distributed;

namespace Clouds.Tests.Cli.Commands;

/// <summary>Verbs whose images several ranks share: what comes out is what one process gives.</summary>
[Kind(TestKind.Fast)]
public sealed partial class SharedVerbsTests : IDisposable
{
    private const string Streets = "streets:fog?count=5&width=64&height=64";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Three ranks for a second set of two images: one of them has none.
    [MpiTheory]
    [InlineData(2)]
    [InlineData(3)]
    public void Evaluate_ImagesSharedByRanks_GivesTheScoresOfOneProcess(int ranks)
    {
        string[] arguments =
        [
            "evaluate", TinyRun.Model, "--data", Streets, "--data", "streets:night?count=2&width=64&height=64", "--json", "--device", "cpu",
            "--set", "evaluation.synthia16=restrict", "--set", "execution.threads=1", "--out",
        ];
        CommandLineRun alone = CommandLineRun.Clouds([.. arguments, _folder["alone"]]);
        CommandLineRun shared = Mpirun.Clouds(ranks, [.. arguments, _folder["shared"]]);
        Assert.True(alone.ExitCode == 0 && shared.ExitCode == 0, shared.Error);
        Assert.Equal(Timeless(alone.Out), Timeless(shared.Out));
        RequireSameFiles("*");
    }

    [MpiFact]
    public void Evaluate_SampleThatCannotBeRead_IsLeftOutAndToldOnce()
    {
        WriteImages(4, "set/images", "set/labels");
        File.WriteAllText(_folder["set/images/1.png"], "no image");
        File.WriteAllText(_folder["set/set.json"], """{ "images": "images/*.png", "labels": "labels/{stem}.png", "idMap": "identity" }""");
        string[] arguments = ["evaluate", "--predictions", _folder["set/labels"], "--data", _folder["set/set.json"], "--json", "--out"];
        CommandLineRun alone = CommandLineRun.Clouds([.. arguments, _folder["alone"]]);
        CommandLineRun shared = Mpirun.Clouds(2, [.. arguments, _folder["shared"]]);
        Assert.True((alone.ExitCode, shared.ExitCode) == (3, 3), $"{alone.Error}\n{shared.Error}");
        Assert.Equal(Timeless(alone.Out), Timeless(shared.Out));
        Assert.DoesNotContain("rank 1", shared.Error, StringComparison.Ordinal);
        RequireSameFiles("*");
    }

    [MpiTheory]
    [InlineData(2)]
    [InlineData(3)]
    public void Segment_ImagesSharedByRanks_AreLabelledOnceAndListedInTheirOrder(int ranks)
    {
        WriteImages(2, "images", "labels");
        File.WriteAllText(_folder["images/broken.png"], "no image");
        string[] arguments = ["segment", TinyRun.Model, _folder["images"], "--device", "cpu", "--set", "execution.threads=1", "--json", "--out"];
        CommandLineRun alone = CommandLineRun.Clouds([.. arguments, _folder["alone"]]);
        CommandLineRun shared = Mpirun.Clouds(ranks, [.. arguments, _folder["shared"]]);
        Assert.Equal((3, 3), (alone.ExitCode, shared.ExitCode));
        Assert.Equal(Timeless(alone.Out), Timeless(shared.Out));
        Assert.Single(Regex.Matches(shared.Out, Regex.Escape("broken.png\"")));
        RequireSameFiles("*");
        CommandLineRun again = Mpirun.Clouds(ranks, [.. arguments, _folder["shared"], "--skip-existing"]);
        Assert.Contains("\"skipped\":2,\"left\":0", again.Out, StringComparison.Ordinal);
    }

    [MpiTheory]
    [InlineData(2)]
    [InlineData(3)]
    public void Refine_LabelMapsSharedByRanks_GiveTheFilesOfOneProcess(int ranks)
    {
        WriteImages(2, "images", "labels");
        CommandLineRun alone = CommandLineRun.Clouds(Refine("alone")), shared = Mpirun.Clouds(ranks, Refine("shared"));
        Assert.True(shared.ExitCode == 0, shared.Error);
        Assert.Equal(Timeless(alone.Out), Timeless(shared.Out));
        RequireSameFiles("*");
    }

    [MpiFact]
    public void Refine_RankThatIsKilled_IsNamedAndTheOthersGoNoFurther()
    {
        WriteImages(60, "images", "labels");
        using RankProcesses run = new(2, Refine("out"), "--enable-recovery");
        run.WaitFor(() => Directory.Exists(_folder["out"]) && Directory.GetFiles(_folder["out"], "*.refined.json").Length > 2);
        run.Send("KILL", 1);
        CommandLineRun end = run.End();
        Assert.Contains("rank 1 of 2 has ended without a word", end.Error, StringComparison.Ordinal);
        Assert.Contains("last heard of at 'refinement'", end.Error, StringComparison.Ordinal);
        CommandLineRun rest = Mpirun.Clouds(2, [.. Refine("out"), "--skip-existing"]);
        Assert.Contains("\"images\":60,", rest.Out, StringComparison.Ordinal);
    }

    private static string Timeless(string text) => Seconds().Replace(text, "");

    // Also what the console says to the terminal that mpirun makes.
    [GeneratedRegex("""(?<="seconds(PerImage)?": ?)[0-9.eE-]+|(?<= %",\s*")[0-9.]+|\e\[\?1h\e=""")]
    private static partial Regex Seconds();

    private void WriteImages(int count, string images, string labels)
    {
        LabelMap map = new(64, 48, [.. Enumerable.Range(0, 64 * 48).Select(i => (ushort)(i % 64 / 9))]);
        for (int i = 0; i < count; i++)
        {
            ImageFile.WritePng(_folder[$"{images}/{i}.png"], Pictures.Noise(64, 48, (ulong)i));
            LabelPng.WriteGray8(_folder[$"{labels}/{i}.png"], map);
        }
    }

    private string[] Refine(string output)
    {
        if (!File.Exists(_folder["sam.safetensors"]))
        {
            TinySam.Write(_folder["sam.safetensors"]);
        }

        return
        [
            "refine", _folder["images"], _folder["labels"], "--sam", _folder["sam.safetensors"], "--out", _folder[output], "--threshold", "50",
            "--device", "cpu", "--no-cache", "--json", "--set", "execution.threads=1",
        ];
    }

    private void RequireSameFiles(string pattern)
    {
        string[] names = [.. Directory.GetFiles(_folder["alone"], pattern).Select(file => Path.GetFileName(file)).Order()];
        Assert.NotEmpty(names);
        Assert.Equal(names, Directory.GetFiles(_folder["shared"], pattern).Select(file => Path.GetFileName(file)).Order());
        Assert.All(names, name => Assert.Equal(Bytes($"alone/{name}"), Bytes($"shared/{name}")));
    }

    private string Bytes(string name) => name.EndsWith(".png", StringComparison.Ordinal)
        ? Convert.ToHexString(File.ReadAllBytes(_folder[name]))
        : Timeless(File.ReadAllText(_folder[name]));
}
