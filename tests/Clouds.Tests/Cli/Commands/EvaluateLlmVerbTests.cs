using System.Text.Json.Nodes;
using Clouds.Cli.Commands;
using Clouds.Native.Generation.Language;
using Clouds.Tests.Native.Generation.Language;
using Clouds.Tests.Native.Generation.Prompts;

namespace Clouds.Tests.Cli.Commands;

/// <summary>`clouds evaluate llm`, of models whose answers are known.</summary>
[Kind(TestKind.Fast)]
public sealed class EvaluateLlmVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Two lists of the same two answers: three of four prompts can be used, the second answer's as asked for.
    [Fact]
    public void Evaluate_AnswersOfWhichSomeAreBad_CountsThem()
    {
        using ScriptedModel model = new(Twice(
            "1. a photo of a car in rain\n2. a picture of a bus.\n",
            "1. a photo of a road in fog at night\n2. a photo of a wall in fog\n"));
        JsonNode measures = Measured(model, "--lists", "2", "--count", "3");
        Assert.Equal(0.75, (double)measures["valid"]!);
        Assert.Equal(0.75, (double)measures["parsed"]!);
        Assert.Equal(0.25, (double)measures["form"]!);
        Assert.Equal(1, (double)measures["complete"]!);
        Assert.Equal(2, (double)measures["answers"]!);
        Assert.Equal(0.5, (double)measures["different"]!);
        Assert.Equal(3, (double)measures["classes"]!);
        Assert.Equal(1, (double)measures["asWished"]!);
        Assert.Equal(1, (double)measures["weather"]!);
        Assert.Equal(1 / 3.0, (double)measures["time"]!, 6);
        Assert.Equal(3, (double)measures["contexts"]!);
    }

    [Fact]
    public void Evaluate_ModelThatTalksNonsense_IsAResult()
    {
        using ScriptedModel model = new("lorem ipsum");
        JsonNode measures = Measured(model, "--lists", "1", "--count", "3");
        Assert.Equal(0, (double)measures["complete"]!);
        Assert.Null(measures["valid"]);
        Assert.Equal(5, (double)measures["answers"]!);
    }

    [Fact]
    public void Evaluate_ModelOfAFolder_IsTheSameTwice()
    {
        string llama = TinyLlama.Write(_folder["llama"]);
        string[] line = ["evaluate", "llm", llama, "--lists", "1", "--count", "2", "--json", "--threads", "1"];
        CommandLineRun run = CommandLineRun.Clouds([.. line, "--out", _folder["judged"]]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(run.Out, CommandLineRun.Clouds(line).Out);
        Assert.Equal(JsonNode.Parse(run.Out)!.ToJsonString(), JsonNode.Parse(File.ReadAllText(_folder["judged/evaluation.json"]))!.ToJsonString());
    }

    [Theory]
    [InlineData("--lists", "0")]
    [InlineData("--count", "-1")]
    [InlineData("--temperature", "-1")]
    public void Evaluate_ValueOutOfRange_IsRefused(string option, string value) => Assert.Equal(2,
        CommandLineRun.Clouds("evaluate", "llm", TinyLlama.Write(_folder["llama"]), option, value).ExitCode);

    private static JsonNode Measured(ILanguageModel model, params string[] more)
    {
        CommandLineRun run = CommandLineRun.Of([new EvaluateLlmVerb((_, _) => model)], ["evaluate", "llm", "any", "--json", .. more]);
        Assert.True(run.ExitCode == 0, run.Error);
        return JsonNode.Parse(run.Out)!["measures"]!;
    }

    private static Func<string, long, string>[] Twice(params string[] answers) =>
        [.. answers.Concat(answers).Select(answer => (Func<string, long, string>)((_, _) => answer))];
}
