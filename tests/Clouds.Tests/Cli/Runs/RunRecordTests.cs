using System.Diagnostics;
using System.Text.Json;
using Clouds.Cli.Runs;
using Clouds.Cli.Settings;
using Clouds.Tests.Cli.Commands;
using Clouds.Training.Engine;

namespace Clouds.Tests.Cli.Runs;

[Kind(TestKind.Fast)]
public sealed class RunRecordTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_NewRun_TellsSettingsWithOriginsMachineVersionsAndCommand()
    {
        Run(TinyRun.Train(_folder["run"], 1));
        RunDescription description = RunDescription.Find(_folder["run"], out string? problem)!;
        Assert.Null(problem);
        Assert.Equal(("1", "--set"), Setting(description, "training.steps"));
        Assert.Equal(("cpu", "--set"), Setting(description, "execution.device"));
        Assert.Equal(("50", "preset small"), Setting(description, "training.optimizer.warmupSteps"));
        Assert.Equal(("1", "default"), Setting(description, "training.seed"));
        RunLaunch launch = Assert.Single(description.Launches);
        Assert.StartsWith("clouds train --data 'streets:source?count=4&width=64&height=64' --out ", launch.Command, StringComparison.Ordinal);
        Assert.Equal(Directory.GetCurrentDirectory(), launch.Folder);
        string[] facts = ["machine", "system", "processor", "cores", "threads", "memory", "device"];
        Assert.All(facts, fact => Assert.Contains(fact, launch.Environment.Keys));
        Assert.Equal("2", launch.Environment["threads"]);
        Assert.Equal([".NET", "ONNX Runtime", "clouds"], launch.Versions.Keys.Order(StringComparer.Ordinal));
        Assert.InRange(DateTimeOffset.UtcNow - launch.Time, TimeSpan.Zero, TimeSpan.FromMinutes(10));
    }

    [Fact]
    public void Repeat_GivenToAShell_TrainsTheSameModel()
    {
        Run(TinyRun.Train(_folder["the run's"], 3));
        RunDescription description = RunDescription.Find(_folder["the run's"], out _)!;
        string[] words = Words(description.Repeat);
        Assert.Equal(["cd", Directory.GetCurrentDirectory(), "&&", "clouds"], words[..4]);
        Run(words[4..]);
        Assert.Equal(File.ReadAllBytes(_folder["the run's/model.safetensors"]), File.ReadAllBytes(_folder["the run's-again/model.safetensors"]));
        Assert.Equal(Configuration("the run's"), Configuration("the run's-again"));
    }

    [Fact]
    public void Resume_ARun_AddsItsLineAndKeepsTheOrigins()
    {
        CommandLineRun stopped = CommandLineRun.Interrupted("train 1/6", TinyRun.Train(_folder["run"], 6));
        Assert.Equal(130, stopped.ExitCode);
        Assert.Contains("<h1>Run run</h1>", File.ReadAllText(_folder["run/report.html"]), StringComparison.Ordinal);
        Run("train", "--out", _folder["run"], "--resume", "--set", "execution.threads=1");
        RunDescription description = RunDescription.Find(_folder["run"], out _)!;
        Assert.Equal(2, description.Launches.Count);
        Assert.EndsWith("--resume --set execution.threads=1", description.Launches[1].Command, StringComparison.Ordinal);
        Assert.Equal(("6", "--set"), Setting(description, "training.steps"));
        Assert.Equal(("50", "preset small"), Setting(description, "training.optimizer.warmupSteps"));
        Assert.Equal(("1", "--set"), Setting(description, "execution.threads"));
        Assert.EndsWith("--set execution.threads=1", description.Repeat, StringComparison.Ordinal);
        Assert.Contains("6 of 6 steps", File.ReadAllText(_folder["run/report.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Train_AfterOneThatNeverBegan_TakesItsFolder()
    {
        CommandLineRun refused = CommandLineRun.Clouds([.. TinyRun.Train(_folder["run"], 1), "--set", "training.augmentation.cropWidth=63"]);
        Assert.Equal(2, refused.ExitCode);
        Assert.False(File.Exists(_folder["run/run.json"]));
        Run(TinyRun.Train(_folder["run"], 1));
    }

    [Fact]
    public void Train_PageCannotBeWritten_WarnsAndSucceeds()
    {
        Directory.CreateDirectory(_folder["run/report.html"]);
        CommandLineRun run = CommandLineRun.Clouds([.. TinyRun.Train(_folder["run"], 1), "--anew"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("the run's page could not be written", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_OneRunAndTwo_WritesAPageAndSaysWhere()
    {
        WrittenRun.History(_folder["a"], 3);
        WrittenRun.History(_folder["b"], 4);
        Assert.Equal(_folder["a/report.html"], Run("report", _folder["a"]).Out.Trim());
        CommandLineRun both = Run("report", _folder["a"], _folder["b"], "--out", _folder["new/both.html"], "--json");
        using JsonDocument told = JsonDocument.Parse(both.Out);
        Assert.Equal([3, 4], told.RootElement.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("stages")[0].GetProperty("steps").GetInt32()));
        Assert.Contains("Runs a, b", File.ReadAllText(_folder["new/both.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_WhileTheRunIsWriting_ReadsWhatIsThere()
    {
        WrittenRun.History(_folder["run"], 3);
        using TrainingHistory open = TrainingHistory.Open(new RunFolder(_folder["run"]), new RunState(3, 0, 0));
        Run("report", _folder["run"]);
        Assert.Contains("3 steps", File.ReadAllText(_folder["run/report.html"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain-1./:=,+@%_", "plain-1./:=,+@%_")]
    [InlineData("two words", "'two words'")]
    [InlineData("it's", @"'it'\''s'")]
    [InlineData("", "''")]
    [InlineData("$(x)`*?~\\\"", "'$(x)`*?~\\\"'")]
    public void Word_AnyText_IsOneWordOfAShell(string word, string text)
    {
        Assert.Equal(text, ShellText.Word(word));
        Assert.Equal([word, "next"], Words(ShellText.Line([word, "next"])));
    }

    private static CommandLineRun Run(params string[] words)
    {
        CommandLineRun run = CommandLineRun.Clouds(words);
        Assert.True(run.ExitCode == 0, run.Error);
        return run;
    }

    private static (string Value, string Origin) Setting(RunDescription description, string key)
    {
        RunSetting setting = description.Settings.Single(setting => setting.Key == key);
        return (setting.Value, setting.Origin);
    }

    private IEnumerable<string> Configuration(string run) => SettingsReader.Load<CloudsSettings>(_folder[$"{run}/config.json"], [])
        .Provenance.Leaves.Select(leaf => SettingConversion.Show(leaf.Value));

    // What a shell itself makes of a line.
    private static string[] Words(string line)
    {
        string script = $"printf '%s\\n' {line.Replace("&&", "'&&'", StringComparison.Ordinal)}";
        using Process shell = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { RedirectStandardOutput = true })!;
        string[] words = shell.StandardOutput.ReadToEnd().Split('\n')[..^1];
        shell.WaitForExit();
        return words;
    }
}
