using System.Diagnostics;
using Clouds.Cli.Experiments;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Tests.Cli.Experiments;
using Clouds.Tests.Graph.Weights;
using Clouds.Training.Datasets;
using Clouds.Training.Streets;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class ReproduceVerbsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_RowOfTwoStages_TrainsScoresAndStandsInTheLedgerOnce()
    {
        string row = TinyRow.Write(_folder["row.json"], 3);
        CommandLineRun first = Run(row);
        Assert.True(first.ExitCode == 0, first.Error);
        LedgerEntry entry = Assert.Single(Ledger("out"));
        Assert.Equal(("row.json", 1L, true), (entry.Row, entry.Seed, entry.IsReproduction));
        Assert.Equal([TinyRow.Night, TinyRow.Fog], entry.Scores.Select(score => score.Name));
        Assert.Equal(entry.Scores.Average(score => score.MeanIou!.Value), entry.Average!.Value, 0.001);
        Assert.All(entry.Scores, score => Assert.Equal((2, 19, "original"), (score.Images, score.Classes.Count, score.GtSpace)));
        Assert.Equal([(1, 3L), (2, 3L)], entry.Stages.Select(stage => (stage.Stage, stage.Steps)));
        Assert.All(entry.Stages, stage => Assert.True(File.Exists(_folder[$"out/{stage.Folder}/model.safetensors"])));
        Assert.Contains("row.json takes about", first.Error, StringComparison.Ordinal);

        CommandLineRun again = Run(row);
        Assert.Contains("done on", again.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("train", again.Error.Replace("training", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Single(Ledger("out"));
    }

    [Fact]
    public void Run_KilledInEachStage_GoesOnAndEndsWithTheBitsOfAnUninterruptedRun()
    {
        string row = TinyRow.Write(_folder["row.json"], 12);
        Assert.Equal(0, Run(row, "--out", _folder["whole"]).ExitCode);
        KillAt("stage-1", 4, row);
        KillAt("rows", 4, row);
        Assert.Equal(0, Run(row).ExitCode);
        (LedgerEntry whole, LedgerEntry killed) = (Assert.Single(Ledger("whole")), Assert.Single(Ledger("out")));
        Assert.Equal(whole.Folder, killed.Folder);
        Assert.Equal(Model("whole", whole), Model("out", killed));
        Assert.Equal(whole.Scores.Select(score => score.MeanIou), killed.Scores.Select(score => score.MeanIou));
    }

    [Fact]
    public void Run_InterruptedInStageTwo_SaysHowToGoOn()
    {
        string row = TinyRow.Write(_folder["row.json"], 12);
        CommandLineRun run = CommandLineRun.Interrupted("stage 2: train", "reproduce", "run", row, "--out", _folder["out"], "--device", "cpu");
        Assert.Equal((int)Failure.Interrupted, run.ExitCode);
        Assert.Contains("the same command goes on where it was", run.Error, StringComparison.Ordinal);
        Assert.Empty(Ledger("out"));
        Assert.Equal(0, Run(row).ExitCode);
        Assert.Single(Ledger("out"));
    }

    [Fact]
    public void Run_RowsWithTheSameStageOne_TrainItOnce()
    {
        string two = TinyRow.Write(_folder["two.json"], 3);
        File.WriteAllText(_folder["one.json"], """{ "base": "two.json", "stages": [1] }""");
        File.WriteAllText(_folder["other.json"], """{ "base": "two.json", "selfTraining": { "steps": 2 } }""");
        File.WriteAllText(_folder["seed.json"], """{ "base": "two.json", "stages": [1], "training": { "steps": 2 } }""");
        Assert.Equal(0, Run(_folder["one.json"]).ExitCode);
        CommandLineRun second = Run(two);
        Assert.Contains("stage 1 is there already", second.Error, StringComparison.Ordinal);
        Assert.Equal(0, Run(_folder["other.json"]).ExitCode);
        Assert.Single(Directory.GetDirectories(_folder["out/stage-1"]));
        Assert.Equal(0, Run(_folder["seed.json"]).ExitCode);
        Assert.Equal(2, Directory.GetDirectories(_folder["out/stage-1"]).Length);
        Assert.Equal(4, Ledger("out").Select(entry => entry.Folder).Distinct().Count());
    }

    [Fact]
    public void Run_Shortcuts_AreDeviationsAndAnotherSeedIsNone()
    {
        string row = TinyRow.Write(_folder["row.json"], 4);
        CommandLineRun run = Run(row, "--steps-scale", "0.5", "--without", TinyRow.Fog, "--set", "training.optimizer.weightDecay=0");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("no reproduction: training.steps is 2, not 4", run.Out, StringComparison.Ordinal);
        Assert.Equal(0, Run(row, "--seed", "7").ExitCode);
        IReadOnlyList<LedgerEntry> entries = Ledger("out");
        Assert.Equal(["experiment.tests", "selfTraining.steps", "training.optimizer.weightDecay", "training.steps"],
            entries[0].Deviations.Select(deviation => deviation.Split(' ')[0]).Order(StringComparer.Ordinal));
        Assert.Equal((true, 7L), (entries[1].IsReproduction, entries[1].Seed));
        Assert.Equal(3, Directory.GetDirectories(_folder["out/stage-1"]).Length + Directory.GetDirectories(_folder["out/rows"]).Length - 1);
    }

    [Fact]
    public void Run_LabelImagesOfAnotherProgram_AreScoredAndTheirSetsAreNotThePapers()
    {
        StreetDataset fog = new(StreetSpec.Parse(TinyRow.Fog));
        foreach (string set in (string[])["cityscapes", "bdd100k", "mapillary_vistas"])
        {
            Directory.CreateDirectory(_folder[$"answers/{set}"]);
            for (int i = 0; i < fog.Count; i++)
            {
                LabelPng.WriteGray8(_folder[$"answers/{set}/{((IImageSet)fog).SampleName(i)}.png"], fog.Load(i).Labels);
            }
        }

        string[] places = [.. new[] { "cityscapes", "bdd100k", "mapillary_vistas" }.SelectMany(set => new[] { "--data", $"{set}={TinyRow.Fog}" })];
        CommandLineRun run = Run("T1-12", [.. places, "--predictions", _folder["answers"]]);
        Assert.True(run.ExitCode == 0, run.Error);
        LedgerEntry entry = Assert.Single(Ledger("out"));
        Assert.Equal((100, null), (entry.Average!.Value, entry.Seed));
        Assert.Contains("cityscapes has 2 images, not 500", entry.Deviations);
        Assert.Contains("+60.4", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_NothingIsHere_NamesEverythingAtOnce()
    {
        CommandLineRun run = Run("T1-06", "--data-root", _folder["none"]);
        Assert.Equal((int)Failure.BadInput, run.ExitCode);
        Assert.All((string[])["gta5", "generated", "cityscapes", "bdd100k", "mapillary_vistas", "clip_rn50", "`clouds model get mobile_sam`"],
            name => Assert.Contains(name, run.Error, StringComparison.Ordinal));
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Theory]
    [InlineData("T1-01", "the row is copied from other papers")]
    [InlineData("T1-99", "the paper has no such row")]
    [InlineData("none.json", "the configuration file cannot be read")]
    public void Run_NoSuchRow_IsRefused(string row, string expected)
    {
        CommandLineRun run = Run(row);
        Assert.Equal((int)Failure.Usage, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--steps-scale", "0", "the steps cannot be scaled so")]
    [InlineData("--without", "cityscape", "did you mean 'cityscapes'?")]
    [InlineData("--config", "x.json", "a row has its configuration already")]
    [InlineData("--weights", "clip_rn50", "the place of weights cannot be read")]
    [InlineData("--weights", "clip_rn5=x", "'clip_rn50'")]
    public void Run_WrongOption_SaysWhat(string option, string value, string expected)
    {
        CommandLineRun run = Run("T1-06", option, value);
        Assert.Equal((int)Failure.Usage, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"tests\": []", "[]", "experiment.tests")]
    [InlineData("\"source\": \"\"", "[]", "experiment.source")]
    [InlineData("\"source\": \"gta5\"", "[2]", "stages")]
    [InlineData("\"generated\": \"\"", "[1, 2]", "experiment.generated")]
    [InlineData("\"kind\": \"evaluate\"", "[]", "experiment.model")]
    public void Run_RowThatIsNotWhole_NamesTheKey(string member, string stages, string key)
    {
        TinyRow.Write(_folder["row.json"], 2, stages);
        File.WriteAllText(_folder["own.json"], $$"""{ "base": "row.json", "experiment": { {{member}} } }""");
        CommandLineRun run = Run(_folder["own.json"]);
        Assert.Equal((int)Failure.Usage, run.ExitCode);
        Assert.Contains($"key '{key}'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_StagesAreNotSaid_AreBothWhereThereAreGeneratedImages()
    {
        TinyRow.Write(_folder["row.json"], 2, "[]");
        File.WriteAllText(_folder["own.json"], """{ "base": "row.json", "experiment": { "generated": "" } }""");
        Assert.Equal((true, false), (Experiment.Open(_folder["row.json"], []).SelfTrains, Experiment.Open(_folder["own.json"], []).SelfTrains));
    }

    [Fact]
    public void Run_AnotherProcessTrainsTheSame_IsRefused()
    {
        string row = TinyRow.Write(_folder["row.json"], 2);
        Assert.Equal(0, Run(row).ExitCode);
        File.Delete(_folder["out/ledger.jsonl"]);
        string taken = Path.Combine(Directory.GetDirectories(_folder["out/stage-1"]).Single(), "in-use");
        using FileStream held = new(taken, FileMode.Create, FileAccess.Write, FileShare.None);
        Assert.Contains("another process works in this folder", Run(row).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_FileOfAPaperRowsName_IsNotThePapersRow()
    {
        File.WriteAllText(_folder["T1-06.json"], """{ "base": "T1-23.json", "training": { "steps": 3 } }""");
        Experiment row = Experiment.Open(_folder["T1-06.json"], []);
        Assert.Equal("base of itself", Assert.Throws<CloudsException>(() =>
        {
            File.WriteAllText(_folder["T1-23.json"], """{ "base": "T1-23.json" }""");
            Experiment.Open(_folder["T1-06.json"], []);
        }).What[^14..]);
        Assert.Equal(("T1-06.json", null, 3L), (row.Row, row.Published, row.Settings.Value.Training.Steps));
    }

    private CommandLineRun Run(string row, params string[] more) => CommandLineRun.Clouds(
        ["reproduce", "run", row, "--device", "cpu", .. more.Contains("--out") ? [] : (string[])["--out", _folder["out"]], .. more]);

    private byte[] Model(string folder, LedgerEntry entry) => File.ReadAllBytes(_folder[$"{folder}/{entry.Folder}/model.safetensors"]);

    private IReadOnlyList<LedgerEntry> Ledger(string folder) => new Ledger(_folder[$"{folder}/ledger.jsonl"]).Read();

    // SIGKILL once a run below the folder has recorded so many steps.
    private void KillAt(string below, int steps, string row)
    {
        using Process process = Process.Start(new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "clouds"), ["reproduce", "run", row, "--out", _folder["out"], "--device", "cpu"])
        {
            RedirectStandardError = true, RedirectStandardOutput = true,
        })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        while (!process.HasExited && Recorded(_folder[$"out/{below}"]) < steps)
        {
            Thread.Sleep(1);
        }

        process.Kill();
        process.WaitForExit();
        Assert.Equal(137, process.ExitCode);
    }

    private static int Recorded(string folder)
    {
        try
        {
            return !Directory.Exists(folder) ? 0 : Directory.GetFiles(folder, "history.jsonl", SearchOption.AllDirectories).Sum(Lines);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static int Lines(string history)
    {
        using FileStream file = new(history, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using StreamReader reader = new(file);
        return reader.ReadToEnd().Count(c => c == '\n');
    }
}
