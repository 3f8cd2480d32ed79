using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Graph.Settings;
using Clouds.Tests.Graph.Weights;

namespace Clouds.Tests.Cli.Settings;

[Kind(TestKind.Fast)]
public sealed class SettingsReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private enum Style
    {
        CityDay,
        CityNight,
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_NothingGiven_IsTheDefaults()
    {
        LoadedSettings<Run> loaded = SettingsReader.Load<Run>(null, []);
        Assert.Equal(100, loaded.Value.Decoder.Queries);
        Assert.All(loaded.Provenance.Leaves, leaf => Assert.Equal("default", leaf.Origin));
    }

    [Fact]
    public void Load_FileAndOverride_LaterWinsAndEachLeafKnowsItsOrigin()
    {
        string file = Write("""
            {
              // comments are allowed
              "decoder": { "queries": 24, "widths": [1, 2] },
              "style": "cityNight",
            }
            """);
        LoadedSettings<Run> loaded = SettingsReader.Load<Run>(file, ["decoder.queries=30", "name=007"]);
        Assert.Equal(30, loaded.Value.Decoder.Queries);
        Assert.Equal([1, 2], loaded.Value.Decoder.Widths);
        Assert.Equal(Style.CityNight, loaded.Value.Style);
        Assert.Equal("007", loaded.Value.Name);
        Assert.Equal("--set", Origin(loaded, "decoder.queries"));
        Assert.Equal($"{file}:3", Origin(loaded, "decoder.widths"));
        Assert.Equal($"{file}:4", Origin(loaded, "style"));
        Assert.Equal("default", Origin(loaded, "rate"));
    }

    [Fact]
    public void Load_Preset_IsCreditedWhereItDiffersFromTheDefaults()
    {
        Run preset = new() { Decoder = new Decoder { Queries = 7 } };
        LoadedSettings<Run> loaded = SettingsReader.Load(null, ["rate=0.5"], preset, "small");
        Assert.Equal("preset small", Origin(loaded, "decoder.queries"));
        Assert.Equal("--set", Origin(loaded, "rate"));
        Assert.Equal("default", Origin(loaded, "style"));
        Assert.Equal(1e-3, preset.Rate);
    }

    [Fact]
    public void Load_ListsDictionariesAndOptionalSections_AreRead()
    {
        string file = Write("""{ "stages": [{ "queries": 3 }, {}], "factors": { "backbone": 0.1 }, "extra": { "widths": [] }, "limit": null }""");
        Run run = SettingsReader.Load<Run>(file, []).Value;
        Assert.Equal([3, 100], run.Stages.Select(stage => stage.Queries));
        Assert.Equal(0.1, run.Factors["backbone"]);
        Assert.Empty(run.Extra!.Widths);
        Assert.Null(run.Limit);
        Assert.Equal(5, SettingsReader.Load<Run>(null, ["limit=5"]).Value.Limit);
        Assert.Null(SettingsReader.Load<Run>(file, ["extra=null"]).Value.Extra);
    }

    [Theory]
    [InlineData("""{ "decoder": { "querys": 3 } }""", "'querys' in 'decoder'", "did you mean 'queries'?")]
    [InlineData("""{ "decoder": { "queries": "3" } }""", "key 'decoder.queries'", "a whole number")]
    [InlineData("""{ "decoder": { "queries": 3.5 } }""", "the number 3.5", "a whole number")]
    [InlineData("""{ "decoder": { "queries": 99999999999 } }""", "the number 99999999999", "a whole number")]
    [InlineData("""{ "decoder": { "queries": 0 } }""", "out of range", "1 to 1000 queries")]
    [InlineData("""{ "decoder": { "widths": [1, -1] } }""", "found     -1", "0 or more pixels")]
    [InlineData("""{ "decoder": 3 }""", "the number 3", "an object")]
    [InlineData("""{ "decoder": { "widths": 3 } }""", "the number 3", "a list")]
    [InlineData("""{ "rate": 1e999 }""", "the number 1e999", "a finite number")]
    [InlineData("""{ "name": 7 }""", "the number 7", "a string")]
    [InlineData("""{ "flip": "true" }""", "the string", "true or false")]
    [InlineData("""{ "style": "cityNigth" }""", "'cityNigth'", "did you mean 'cityNight'?")]
    [InlineData("""{ "style": 1 }""", "the number 1", "one of cityDay, cityNight")]
    [InlineData("""{ "rate": 1, "rate": 2 }""", "stands twice", "'rate'")]
    [InlineData("""{ "stages": [{ "querys": 1 }] }""", "'querys' in 'stages[0]'", "did you mean 'queries'?")]
    [InlineData("""{ "factors": { "a": "b" } }""", "key 'factors.a'", "a finite number")]
    [InlineData("""{ "rate": null }""", "key 'rate'", "a finite number")]
    [InlineData("""{ "rate": }""", "the configuration file is not valid JSON", "comments and trailing commas are allowed", "correct line 2")]
    [InlineData("", "not valid JSON", "correct line 2")]
    [InlineData("[]", "found     []", "one JSON object")]
    public void Load_WrongFile_SaysWhereAndWhat(string json, params string[] texts)
    {
        string file = Write("\n" + json);
        CloudsException e = Assert.Throws<CloudsException>(() => SettingsReader.Load<Run>(file, []));
        Assert.Equal(Failure.Usage, e.Failure);
        Assert.Contains($"{file}:2", e.Message, StringComparison.Ordinal);
        Assert.All(texts, text => Assert.Contains(text, e.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("decoder.querys=1", "did you mean 'queries'?")]
    [InlineData("decoder.queries.x=1", "an object")]
    [InlineData("decoder", "key=value")]
    [InlineData("=3", "key=value")]
    [InlineData("decoder..queries=3", "key=value")]
    [InlineData("decoder.widths=[1,", "an override's list or object is not valid JSON")]
    [InlineData("decoder={\"queries\": 1, \"queries\": 2}", "a key stands twice")]
    [InlineData("decoder.queries=many", "a whole number")]
    [InlineData("decoder.queries=", "a whole number")]
    public void Load_WrongOverride_SaysWhat(string text, string expected)
    {
        CloudsException e = Assert.Throws<CloudsException>(() => SettingsReader.Load<Run>(null, [text]));
        Assert.Equal(Failure.Usage, e.Failure);
        Assert.Contains("--set", e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name=1 2", "1 2")]
    [InlineData("name=\"a b\"", "a b")]
    [InlineData("name=\"half \\ud800\"", "\"half \\ud800\"")]
    [InlineData("name=// all of it", "// all of it")]
    [InlineData("name=", "")]
    public void Load_OverrideThatIsNoJson_IsItsText(string text, string name) =>
        Assert.Equal(name, SettingsReader.Load<Run>(null, [text]).Value.Name);

    [Fact]
    public void Load_MissingFile_IsAUsageFailure() =>
        Assert.Equal(Failure.Usage, Assert.Throws<CloudsException>(() => SettingsReader.Load<Run>(_folder["none.json"], [])).Failure);

    [Fact]
    public void Load_OverrideOfAList_ReplacesItWhole() =>
        Assert.Equal([5], SettingsReader.Load<Run>(null, ["decoder.widths=[5]"]).Value.Decoder.Widths);

    private static string Origin(LoadedSettings<Run> loaded, string key) => loaded.Provenance.Leaves.Single(leaf => leaf.Key == key).Origin;

    private string Write(string json)
    {
        File.WriteAllText(_folder["run.json"], json);
        return _folder["run.json"];
    }

    private sealed record Run
    {
        public Decoder Decoder { get; init; } = new();

        [Setting(Min = 0, Source = "paper section 4.1")]
        public double Rate { get; init; } = 1e-3;

        public string Name { get; init; } = "run";

        public bool Flip { get; init; }

        public Style Style { get; init; }

        public int? Limit { get; init; }

        public Decoder? Extra { get; init; }

        public IReadOnlyList<Decoder> Stages { get; init; } = [];

        public IReadOnlyDictionary<string, double> Factors { get; init; } = new Dictionary<string, double>();
    }

    private sealed record Decoder
    {
        [Setting(Unit = "queries", Min = 1, Max = 1000)]
        public int Queries { get; init; } = 100;

        [Setting(Unit = "pixels", Min = 0)]
        public int[] Widths { get; init; } = [64];
    }
}
