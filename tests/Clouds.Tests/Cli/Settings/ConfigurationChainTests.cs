using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Cli.Settings;

[Kind(TestKind.Fast)]
public sealed class ConfigurationChainTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_FileOnTwoBases_UpperWinsAndEachLeafKnowsItsFile()
    {
        Write("below/lowest.json", """{ "training": { "batch": 2, "steps": 10 } }""");
        Write("middle.json", "{ \"base\": \"below/lowest.json\",\n\"training\": { \"steps\": 20, \"seed\": 3 } }");
        string file = Write("own.json", """{ "training": { "seed": 4 }, "base": "middle.json" }""");
        LoadedSettings<CloudsSettings> loaded = SettingsReader.Load<CloudsSettings>(file, ["training.testShortSide=7"]);
        Assert.Equal((2, 20, 4), (loaded.Value.Training.Batch, loaded.Value.Training.Steps, loaded.Value.Training.Seed));
        Assert.Equal($"{_folder["below/lowest.json"]}:1", Origin(loaded, "training.batch"));
        Assert.Equal($"{_folder["middle.json"]}:2", Origin(loaded, "training.steps"));
        Assert.Equal($"{file}:1", Origin(loaded, "training.seed"));
        Assert.Equal("--set", Origin(loaded, "training.testShortSide"));
        Assert.Equal("default", Origin(loaded, "training.checkpointEvery"));
    }

    [Fact]
    public void ConfigShow_BaseIsAPreset_StartsFromItAsTheOptionDoes()
    {
        string file = Write("own.json", """{ "base": "small", "training": { "steps": 20 } }""");
        CommandLineRun run = CommandLineRun.Clouds("config", "show", "--config", file, "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("""{"key":"training.batch","value":4,"origin":"preset small""" + "\"", run.Out, StringComparison.Ordinal);
        Assert.Contains($$"""{"key":"training.steps","value":20,"origin":"{{file}}:1""" + "\"", run.Out, StringComparison.Ordinal);
        Assert.Equal(run.Out, CommandLineRun.Clouds("config", "show", "--config", file, "--json", "--preset", "small").Out);
    }

    [Fact]
    public void ConfigShow_BaseAndOptionAreTwoPresets_IsRefused()
    {
        CommandLineRun run = CommandLineRun.Clouds("config", "show", "--config", Write("own.json", """{ "base": "small" }"""), "--preset", "paper");
        Assert.Equal((int)Failure.Usage, run.ExitCode);
        Assert.Contains("two presets are named", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.json")]
    [InlineData("./a.json")]
    [InlineData("b.json")]
    public void Load_FileIsItsOwnBase_IsRefusedWithTheWay(string second)
    {
        Write("b.json", """{ "base": "./a.json" }""");
        CloudsException e = Refused(Write("a.json", $$"""{ "base": "{{second}}" }"""));
        Assert.Contains("a configuration file is a base of itself", e.Message, StringComparison.Ordinal);
        Assert.Contains(second == "b.json" ? "a.json on b.json on a.json" : "a.json on a.json", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FolderLinksToItself_EndsAfterSixteenFiles()
    {
        string file = Write("a.json", """{ "base": "link/a.json" }""");
        Directory.CreateSymbolicLink(_folder["link"], _folder.Path);
        Assert.Contains("more than 16 configuration files", Refused(file).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_BaseIsMissing_NamesTheFileThatWantsItAndTheNearest()
    {
        Write("shared.json", "{}");
        string file = Write("own.json", "{\n\"base\": \"sharde.json\" }");
        CloudsException e = Refused(file);
        Assert.Contains("the base of a configuration file cannot be read", e.Message, StringComparison.Ordinal);
        Assert.Contains($"{file}:2", e.Message, StringComparison.Ordinal);
        Assert.Contains("did you mean 'shared.json'?", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"smal\"", "did you mean 'small'?")]
    [InlineData("\"no/such/folder.json\"", "cannot be read")]
    [InlineData("3", "the name of a file beside this one")]
    [InlineData("\"\"", "the name of a file beside this one")]
    [InlineData("null", "the name of a file beside this one")]
    [InlineData("[\"a.json\"]", "the name of a file beside this one")]
    public void Load_WrongBase_SaysWhat(string written, string expected) =>
        Assert.Contains(expected, Refused(Write("own.json", $$"""{ "base": {{written}} }""")).Message, StringComparison.Ordinal);

    [Fact]
    public void Load_UnknownKeyOfABase_IsToldWithTheBase()
    {
        string lowest = Write("lowest.json", """{ "trainign": {} }""");
        Assert.Contains($"{lowest}:1", Refused(Write("own.json", """{ "base": "lowest.json" }""")).Message, StringComparison.Ordinal);
    }

    private static CloudsException Refused(string file)
    {
        CloudsException e = Assert.Throws<CloudsException>(() => new Clouds.Cli.Commands.CommonOptions { Config = file }.LoadSettings());
        Assert.Equal(Failure.Usage, e.Failure);
        return e;
    }

    private static string Origin(LoadedSettings<CloudsSettings> loaded, string key) => loaded.Provenance.Leaves.Single(leaf => leaf.Key == key).Origin;

    private string Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        File.WriteAllText(_folder[name], text);
        return _folder[name];
    }
}
