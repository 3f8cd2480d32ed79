using Clouds.Cli.Method;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Cli.Method;

/// <summary>`clouds demo --models`.</summary>
[Kind(TestKind.Fast)]
public sealed class MethodRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Demo_TinyModels_TrainsAndTestsEveryArmOnEveryStyle()
    {
        CommandLineRun run = Demo("run");
        Assert.True(run.ExitCode == 0, run.Error);
        MethodResult result = MethodResult.Read(_folder["run/result.json"]);
        Assert.Equal(["Source", "Generated", "Refined", "Scratch"], result.Arms.Select(arm => arm.Arm.ToString()));
        Assert.Equal(["narrow", "night", "dusk", "fog", "rain", "snow", "sandstorm", "neon", "blizzard"], result.Tests.Select(test => test.Name));
        Assert.All(result.Arms, arm => Assert.Equal((2, 9), (arm.Steps, arm.Scores.Count)));
        Assert.All(result.Tests, test => Assert.Equal(100, test.Shares.Values.Sum(), 0.1));
        Assert.Equal(4, result.Models.Count);
        Assert.Equal(9 * 6, Directory.GetFiles(_folder["run/pictures"]).Length);
        string[] endings = ["labels.png", "refined.png", "refined.json", "xray.html"];
        Assert.All(endings, ending => Assert.True(File.Exists(_folder[$"run/xray/000000.{ending}"])));
        Assert.All((string[])["index.html", "strip.png"], file => Assert.True(new FileInfo(_folder[$"run/{file}"]).Length > 1000));
        Assert.Equal(result.Models.Keys, result.Bytes.Keys);
        Assert.StartsWith("clouds demo --models", MethodTimes.Read(_folder["run/times.json"]).Command, StringComparison.Ordinal);
        Assert.EndsWith("run/index.html", run.Out.TrimEnd(), StringComparison.Ordinal);
        Assert.All((string[])["1 of 11, write prompts", "2 images", "Table 4 in miniature", "Table 5 in miniature", "refinement helps"],
            text => Assert.Contains(text, run.Error + run.Out, StringComparison.Ordinal));
    }

    [Fact]
    public void Demo_InterruptedAndResumed_GivesTheResultOfAnUninterruptedRun()
    {
        Assert.Equal(0, Demo("whole", "--quick").ExitCode);
        CommandLineRun stopped = CommandLineRun.Interrupted([TinyMethod.Verb()], "train refined 1/2", Line("run", "--quick"));
        Assert.Equal(130, stopped.ExitCode);
        Assert.Contains("--resume", stopped.Error, StringComparison.Ordinal);
        CommandLineRun resumed = Demo("run", "--quick", "--resume");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.DoesNotContain("train source", resumed.Error, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(_folder["whole/result.json"]), File.ReadAllText(_folder["run/result.json"]));
        Assert.Equal(7, MethodTimes.Read(_folder["run/times.json"]).Seconds.Count);
        Assert.Contains("left out: the rest", resumed.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Demo_ResumedWithOtherNumbers_IsRefused()
    {
        Directory.CreateDirectory(_folder["run"]);
        new MethodRecord(TinyMethod.Plan, new Dictionary<string, string>()).Begin(new MethodFolder(_folder["run"]));
        CommandLineRun run = Demo("run", "--quick", "--resume");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("those of the plan tiny", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Demo_WithoutResume_RemovesWhatAnEarlierRunHasLeftAndNothingElse()
    {
        MethodFolder folder = new(_folder["run"]);
        new MethodRecord(TinyMethod.Plan, new Dictionary<string, string>()).Begin(folder);
        string[] folders = [folder.Images, folder.Xray, folder.Pictures, .. Enum.GetValues<MethodArm>().Select(arm => folder.Run(arm).Path)];
        Assert.Equal(folders, folders.Distinct());
        Assert.All(folders, path => File.WriteAllText(Path.Combine(Directory.CreateDirectory(path).FullName, "old"), "old"));
        File.WriteAllText(folder.Prompts, "old");
        File.WriteAllText(_folder["run/notes.txt"], "mine");
        folder.StartAnew();
        Assert.Equal([_folder["run/notes.txt"]], Directory.GetFileSystemEntries(_folder["run"]));
    }

    [Fact]
    public void Demo_ModelsOfWhichOneIsMissing_NamesIt()
    {
        string models = TinyMethod.WriteModels(_folder["models"]);
        Directory.Delete(Path.Combine(models, "sam"), recursive: true);
        CommandLineRun run = CommandLineRun.Of([TinyMethod.Verb()], Line("run"));
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("no sam", run.Error, StringComparison.Ordinal);
    }

    private CommandLineRun Demo(string name, params string[] more) => CommandLineRun.Of([TinyMethod.Verb()], Line(name, more));

    private string[] Line(string name, params string[] more)
    {
        string models = _folder["models"];
        if (!Directory.Exists(models))
        {
            TinyMethod.WriteModels(models);
        }

        return ["demo", "--models", models, "--out", _folder[name], "--device", "cpu", .. more];
    }
}
