using System.Text.Json;
using Clouds.Cli.Commands;
using Clouds.Cli.Console;
using Clouds.Diagnostics;
using CommandLine;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public class CommandDispatcherTests
{
    public static TheoryData<string> VerbNames => [.. VerbList.All.Select(verb => verb.Name)];

    [Theory]
    [MemberData(nameof(VerbNames))]
    public void Help_OfEachVerb_TeachesWithExamplesAndExitCodes(string name)
    {
        CommandLineRun run = Run([.. name.Split(' '), "--help"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"clouds {name}", run.Out, StringComparison.Ordinal);
        Assert.Contains("examples:", run.Out, StringComparison.Ordinal);
        Assert.Contains($"  clouds {name}", run.Out, StringComparison.Ordinal);
        Assert.Contains("130", run.Out, StringComparison.Ordinal);
        Assert.Contains("--set KEY=VALUE", run.Out, StringComparison.Ordinal);
        Assert.Equal(run.Out, Run(["help", .. name.Split(' ')]).Out);
    }

    [Theory]
    [MemberData(nameof(VerbNames))]
    public void Examples_OfEachVerb_HaveOptionsThatExist(string name)
    {
        Verb verb = VerbList.All.Single(verb => verb.Name == name);
        string[] known = [.. OptionParser.Options(verb).Select(pair => $"--{pair.Option.LongName}")];
        IEnumerable<string> used = verb.Examples.SelectMany(example => example.CommandLine.Split(' '))
            .Where(word => word.StartsWith("--", StringComparison.Ordinal));
        Assert.NotEmpty(verb.Examples);
        Assert.All(used, option => Assert.Contains(option, known));
    }

    [Fact]
    public void Run_NoArguments_ListsTheVerbs()
    {
        CommandLineRun run = Run();
        Assert.Equal(0, run.ExitCode);
        Assert.All(VerbList.All, verb => Assert.Contains(verb.Name, run.Out, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("verfy", "clouds verify")]
    [InlineData("config shw", "clouds config show")]
    [InlineData("doctro --json", "clouds doctor")]
    [InlineData("--jsn config show", "clouds --json")]
    public void Run_UnknownVerb_NamesTheNearest(string line, string near)
    {
        CommandLineRun run = Run(line.Split(' '));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(near, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }

    [Theory]
    [InlineData("check data city.json", "clouds data check")]
    [InlineData("import a b", "clouds model import")]
    [InlineData("show config", "clouds config show")]
    [InlineData("datacheck x", "clouds data check")]
    public void Run_SwappedOrBareWords_NameTheVerb(string line, string meant)
    {
        CommandLineRun run = Run(line.Split(' '));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"did you mean `{meant}`?", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--json config show --device cpu")]
    [InlineData("config --json show --device cpu")]
    [InlineData("--device cpu --json config show")]
    [InlineData("--set execution.device=cpu config show --json")]
    [InlineData("config show --device cpu --json --json")]
    public void Run_CommonOptionsAnywhere_AreTheVerbs(string line)
    {
        CommandLineRun run = Run(line.Split(' '));
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Empty(run.Error);
        JsonElement device = JsonElement.Parse(run.Out).EnumerateArray().Single(leaf => leaf.GetProperty("key").GetString() == "execution.device");
        Assert.Equal("cpu", device.GetProperty("value").GetString());
    }

    [Theory]
    [InlineData("--json")]
    [InlineData("help data check --json")]
    [InlineData("--json data")]
    [InlineData("--json verfy")]
    [InlineData("segment --json")]
    [InlineData("segment a b --json")]
    [InlineData("verify a --module --json")]
    public void Run_Json_IsAllThatIsWritten(string line)
    {
        CommandLineRun run = Run(line.Split(' '));
        string text = run.Out + run.Error;
        Assert.NotEmpty(text);
        Assert.All(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), one => Assert.Equal(JsonValueKind.Object, JsonElement.Parse(one).ValueKind));
    }

    [Fact]
    public void Run_JsonBehindTheEndOfOptions_IsAWord()
        => Assert.Equal("--json||", CommandLineRun.Of([new EchoVerb()], "echo", "--", "--json").Out.Trim());

    [Fact]
    public void Run_FirstWordOfNestedVerbs_ListsThem()
    {
        CommandLineRun run = Run("config");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("config show", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config show --jsn", "--json")]
    [InlineData("segment a b --output c", "--out, perhaps")]
    [InlineData("train --batch 5 --out c", "--set training.batch=VALUE, perhaps")]
    [InlineData("version --qqqqqqqqq", "--verbose, --device")]
    [InlineData("config show --config", "--config FILE")]
    [InlineData("config show --set", "--set KEY=VALUE")]
    [InlineData("config show --device gpu", "--device auto|cpu|cuda|cuda:N; --device cuda, perhaps")]
    [InlineData("config show --device cuda1", "--device cuda:1, perhaps")]
    [InlineData("verify", "DIR")]
    [InlineData("verify a b", "too many arguments")]
    [InlineData("version x", "options only")]
    [InlineData("verify a --module --json", "--module NAME")]
    [InlineData("verify a --case b --case c", "once")]
    public void Run_WrongOption_SaysWhatWasExpected(string line, string expected)
    {
        CommandLineRun run = Run(line.Split(' '));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Contains("--help", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_RepeatedSetBeforeAPositionalArgument_LeavesTheArgumentAlone()
    {
        EchoVerb verb = new();
        CommandLineRun run = CommandLineRun.Of([verb], "echo", "--set", "a=1", "--set=b=2", "file", "--device", "CUDA", "--", "--rest");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("file --rest|a=1,b=2|CUDA", run.Out.Trim());
    }

    [Fact]
    public void Run_JsonFailure_IsOneJsonLine()
    {
        CommandLineRun run = Run("config", "show", "--json", "--set", "execution.devic=cpu");
        using JsonDocument json = JsonDocument.Parse(run.Error);
        Assert.Equal(2, json.RootElement.GetProperty("code").GetInt32());
        Assert.Contains("did you mean 'device'?", json.RootElement.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_UnexpectedException_AsksForAReportAndShowsTheStackOnlyWhenAsked()
    {
        FaultyVerb verb = new(new InvalidOperationException("inner wheel"));
        CommandLineRun plain = CommandLineRun.Of([verb], "faulty");
        Assert.Equal((int)Failure.Internal, plain.ExitCode);
        Assert.Contains("please report", plain.Error, StringComparison.Ordinal);
        Assert.Contains("InvalidOperationException: inner wheel", plain.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", plain.Error, StringComparison.Ordinal);
        Assert.Contains("   at ", CommandLineRun.Of([verb], "faulty", "--verbose").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_Cancelled_Exits130() => Assert.Equal(130, CommandLineRun.Of([new FaultyVerb(new OperationCanceledException())], "faulty").ExitCode);

    [Theory]
    [InlineData(Failure.Usage)]
    [InlineData(Failure.Output)]
    [InlineData(Failure.Numeric)]
    public void Run_CloudsException_ExitsWithItsFailure(Failure failure) =>
        Assert.Equal((int)failure, CommandLineRun.Of([new FaultyVerb(new CloudsException(failure, "it broke"))], "faulty").ExitCode);

    [Fact]
    public void ConfigShow_Json_HasOriginUnitAndSource()
    {
        CommandLineRun run = Run("config", "show", "--json", "--device", "cpu");
        using JsonDocument json = JsonDocument.Parse(run.Out);
        JsonElement device = json.RootElement.EnumerateArray().Single(leaf => leaf.GetProperty("key").GetString() == "execution.device");
        Assert.Equal("cpu", device.GetProperty("value").GetString());
        Assert.Equal("--set", device.GetProperty("origin").GetString());
    }

    [Theory]
    [InlineData("--device", "cuda:1")]
    [InlineData("--set", "execution.device=cuda:1")]
    public void ConfigShow_GpuByNumber_IsTheSetting(string option, string value)
    {
        Assert.Matches("execution.device +cuda:1 +--set", Run("config", "show", option, value).Out);
        Assert.Contains("\"cuda:1\"", Run("config", "show", "--json", option, value).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void ConfigShow_UnknownDeviceInTheConfiguration_NamesPlaceAndNearest()
    {
        CommandLineRun run = Run("config", "show", "--set", "execution.device=cuda-1");
        Assert.Equal((int)Failure.Usage, run.ExitCode);
        Assert.Contains("key 'execution.device'", run.Error, StringComparison.Ordinal);
        Assert.Contains("did you mean 'cuda:1'?", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ConfigShow_EveryNumber_HasASource()
    {
        using JsonDocument json = JsonDocument.Parse(Run("config", "show", "--json").Out);
        string?[] bare = [.. json.RootElement.EnumerateArray().Where(leaf => leaf.GetProperty("source").ValueKind == JsonValueKind.Null)
            .Select(leaf => leaf.GetProperty("key").GetString())];
        Assert.Empty(bare);
        Assert.True(json.RootElement.GetArrayLength() > 50);
    }

    [Fact]
    public void ConfigShow_Preset_IsTheOrigin()
    {
        CommandLineRun run = Run("config", "show", "--preset", "small", "--set", "training.steps=7");
        Assert.Matches(@"training\.steps +7 +--set", run.Out);
        Assert.Matches(@"training\.batch +4 +preset small", run.Out);
        Assert.Matches(@"training\.optimizer\.power +0\.9 +default", run.Out);
    }

    [Fact]
    public void Doctor_ThisMachine_IsExaminedInTextAndJson()
    {
        CommandLineRun run = Run("doctor", "--json");
        using JsonDocument json = JsonDocument.Parse(run.Out);
        string?[] subjects = [.. json.RootElement.EnumerateArray().Select(finding => finding.GetProperty("subject").GetString())];
        Assert.All((string[])["system", ".NET", "processor", "cores", "SIMD", "memory", "disk", "libonnxruntime.so",
            "ONNX Runtime", "device cpu", "device cuda", "images"], subject => Assert.Contains(subject, subjects));
        Assert.Contains("libonnxruntime.so", Run("doctor").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void ExitCodes_EveryFailure_HasAMeaningOfItsOwn()
    {
        Assert.Equal(Enum.GetValues<Failure>().Length + 1, ExitCodes.All.Count);
        Assert.Equal(ExitCodes.All.Count, ExitCodes.All.Select(pair => pair.Meaning).Distinct().Count());
    }

    private static CommandLineRun Run(params string[] arguments) => CommandLineRun.Of(VerbList.All, arguments);

    private sealed class EchoVerb : Verb<EchoVerb.Options>
    {
        public override string Name => "echo";

        public override string Summary => "repeat";

        public override string Description => "Repeats its arguments.";

        public override IReadOnlyList<Example> Examples { get; } = [new("clouds echo", "Nothing.")];

        protected override int Run(Options options, VerbContext context)
        {
            context.Out.WriteLine($"{string.Join(' ', options.Words)}|{string.Join(',', options.Set)}|{options.Device}");
            return 0;
        }

        internal sealed class Options : CommonOptions
        {
            [Value(0, MetaName = "WORDS")]
            public IEnumerable<string> Words { get; set; } = [];
        }
    }

    private sealed class FaultyVerb(Exception failure) : Verb<FaultyVerb.Options>
    {
        public override string Name => "faulty";

        public override string Summary => "fail";

        public override string Description => "Fails.";

        public override IReadOnlyList<Example> Examples { get; } = [new("clouds faulty", "Failure.")];

        protected override int Run(Options options, VerbContext context) => throw failure;

        internal sealed class Options : CommonOptions;
    }
}
