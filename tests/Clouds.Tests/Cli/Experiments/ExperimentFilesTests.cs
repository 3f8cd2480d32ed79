using System.Text;
using System.Text.Json;
using Clouds.Cli.Experiments;
using Clouds.Cli.Settings;
using Clouds.Native.Catalogue;

namespace Clouds.Tests.Cli.Experiments;

/// <summary>The folder experiments: every row that is run has a file, and what the file changes is what its row says.</summary>
[Kind(TestKind.Fast)]
public sealed class ExperimentFilesTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "experiments");
    private static readonly string[] Shared = ["cityscapes.json", "gta.json", "published.json", "synthia.json"];

    // What a row's settings have otherwise than its base's; its own name aside.
    private static readonly Dictionary<string, string[]> Changes = new()
    {
        ["T1-06"] = [.. Encoder("clip_resnet", "clip_rn50", 3, 4, 6, 3)],
        ["T1-12"] = Score, ["T1-18"] = Score, ["T1-19"] = Score, ["T1-20"] = Score,
        ["T1-13"] = [.. Encoder("resnet", "torchvision_resnet101", 3, 4, 23, 3)],
        ["T1-14"] = [.. Encoder("clip_resnet", "clip_rn101", 3, 4, 23, 3)],
        ["T1-16"] = [.. Encoder("mix_transformer", "mit_b5", 3, 6, 40, 3)],
        ["T1-21"] = ["stages=[1]", "experiment.kind=evaluate", "experiment.source=", "experiment.generated=", "experiment.model=fc_clip_convnext_l"],
        ["T1-22"] = ["stages=[1]", "experiment.generated=", "training.network.classifier=text"],
        ["T1-23"] = ["experiment.encoder=open_clip_convnext_large_d_320"],
        ["T2-05"] = [.. Encoder("clip_resnet", "clip_rn50", 3, 4, 6, 3)],
        ["T2-13"] = [.. Encoder("clip_resnet", "clip_rn101", 3, 4, 23, 3)],
        ["T2-15"] = [.. Encoder("mix_transformer", "mit_b5", 3, 6, 40, 3)],
        ["T2-16"] = ["stages=[1]", "experiment.generated=", "training.network.classifier=text"],
        ["T2-17"] = ["experiment.encoder=open_clip_convnext_large_d_320"],
        ["T3-03"] = [.. Encoder("clip_resnet", "clip_rn50", 3, 4, 6, 3)],
        ["T3-04"] = [.. Encoder("clip_resnet", "clip_rn101", 3, 4, 23, 3)],
        ["T3-05"] = ["experiment.encoder=open_clip_convnext_large_d_320"],
        ["T4-a-rn50"] = StageOne, ["T4-a-rn101"] = StageOne, ["T4-a-convnext"] = StageOne,
        ["T4-b-rn50"] = ["selfTraining.refine=false"], ["T4-b-rn101"] = ["selfTraining.refine=false"], ["T4-b-convnext"] = ["selfTraining.refine=false"],
        ["T4-c-rn50"] = [], ["T4-c-rn101"] = [], ["T4-c-convnext"] = [],
        ["T5-a"] = ["training.encoder.trainable=true"], ["T5-b"] = [],
        ["F5-100"] = ["selfTraining.generated.limit=100"], ["F5-500"] = ["selfTraining.generated.limit=500"],
        ["F5-1000"] = ["selfTraining.generated.limit=1000"], ["F5-5000"] = [], ["F5-10000"] = ["selfTraining.generated.limit=10000"],
        ["F6-p5"] = [], ["F6-p10"] = ["refinement.points=10"], ["F6-p50"] = ["refinement.points=50"],
        ["F6-t0"] = ["refinement.sizeThreshold=0"], ["F6-t5000"] = [], ["F6-t10000"] = ["refinement.sizeThreshold=10000"],
    };

    private static string[] Score => ["stages=[1]", "experiment.kind=score", "experiment.source=", "experiment.generated="];

    private static string[] StageOne => ["stages=[1]", "experiment.generated="];

    public static TheoryData<string> Rows => [.. PublishedTables.OfPaper.Rows.Where(row => row.IsRun).Select(row => row.Row)];

    [Fact]
    public void Folder_Files_AreOneForEachRowAndThreeThatTheyShare() =>
        Assert.Equal(Rows.Select(row => $"{row.Data}.json").Concat(Shared).Order(StringComparer.Ordinal),
            Directory.GetFiles(Folder, "*.json").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));

    [Fact]
    public void Executable_Files_AreThoseOfTheClone() => Assert.All(EmbeddedExperiments.Names,
        name => Assert.Equal(File.ReadAllBytes(Path.Combine(Folder, name)), EmbeddedExperiments.Bytes(name)));

    [Theory]
    [MemberData(nameof(Rows))]
    public void Row_Settings_DifferFromTheBaseInWhatTheRowSays(string row)
    {
        Dictionary<string, string> own = Leaves(row), below = Leaves(BaseOf(row));
        string[] changed = [.. own.Where(leaf => below.GetValueOrDefault(leaf.Key) != leaf.Value && leaf.Key != "experiment.row")
            .Select(leaf => $"{leaf.Key}={leaf.Value}")];
        string[] expected = Changes[row];

        // Another kind of encoder brings settings of its own, which only this kind has.
        IEnumerable<string> told = expected.Any(change => change.StartsWith("training.network.encoder.kind", StringComparison.Ordinal))
            ? changed.Where(change => !change.StartsWith("training.network.encoder.", StringComparison.Ordinal) || expected.Contains(change))
            : changed;
        Assert.Equal(expected.Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
        Assert.Equal(row, own["experiment.row"]);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Row_SetsAndClasses_AreThoseOfItsTable(string row)
    {
        (PublishedTable table, PublishedRow published) = PublishedTables.OfPaper.Find(row);
        Experiment experiment = Experiment.Open(row, []);
        Assert.Equal(table.Sets, experiment.Tests);
        Assert.Equal(table.Classes, experiment.Config.Classes);
        Assert.Equal(published.TrainedOn?.Contains("generated", StringComparison.Ordinal) == true, experiment.SelfTrains);
        Assert.Equal(published.How.ToString(), experiment.Config.Kind.ToString().Replace("Train", "Run", StringComparison.Ordinal));
        Assert.All(Need.DataOf(experiment), name => Assert.NotNull(PaperSet.Find(name)));
        string[] weights = [.. new[] { experiment.Config.Encoder, experiment.Config.Model }.Where(name => name.Length > 0)];
        Assert.All(weights, name => Assert.NotNull(ModelCatalogue.BuiltIn[name]));
    }

    [Theory]
    [InlineData("T1-23", 40_000, 40_000, 1e-5, "constant", 2.0)]
    [InlineData("T2-17", 30_000, 30_000, 1e-5, "poly", 0.7)]
    [InlineData("T3-05", 10_000, 10_000, 1e-4, "constant", 0.2)]
    public void Row_Lengths_AreThePapers(string row, long first, long second, double rate, string schedule, double factor)
    {
        CloudsSettings settings = Experiment.Open(row, []).Settings.Value;
        Assert.Equal((first, second), (settings.Training.Steps, settings.SelfTraining.Steps));
        Assert.Equal((rate, factor), (settings.Training.Optimizer.LearningRate, settings.SelfTraining.Mix.TargetFactor));
        Assert.Equal(schedule, SettingConversion.Show(settings.Training.Optimizer.Schedule));
        Assert.Equal((8, 5_000), (settings.Training.Batch, settings.SelfTraining.Generated.Limit));
    }

    private static IEnumerable<string> Encoder(string kind, string weights, params int[] depths)
    {
        yield return $"training.network.encoder.kind={kind}";
        yield return $"experiment.encoder={weights}";
        yield return $"training.network.encoder.{(kind == "mix_transformer" ? "depths" : "blocks")}=[{string.Join(", ", depths)}]";
    }

    private static string BaseOf(string row)
    {
        using JsonDocument file = JsonDocument.Parse(Encoding.UTF8.GetString(EmbeddedExperiments.Bytes($"{row}.json")),
            new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        return Path.GetFileNameWithoutExtension(file.RootElement.GetProperty("base").GetString()!);
    }

    private static Dictionary<string, string> Leaves(string file) => Experiment.Open(Path.Combine(Folder, $"{file}.json"), []).Own.Provenance.Leaves
        .ToDictionary(leaf => leaf.Key, leaf => SettingConversion.Show(leaf.Value));
}
