using System.Text.Json;
using Clouds.Cli.Commands;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Prompts;
using Clouds.Tests.Native.Generation.Prompts;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class PromptsVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Prompts_OfTheTemplate_AreTheSameForTheSameSeedAndHaveTheirOrigin()
    {
        Assert.Equal(0, Run("prompts", "--template", "-n", "100", "--out", _folder["a.jsonl"]).ExitCode);
        Assert.Equal(0, Run("prompts", "--template", "--out", _folder["b.jsonl"]).ExitCode);
        Assert.Equal(0, Run("prompts", "--template", "--seed", "2", "--out", _folder["c.jsonl"]).ExitCode);
        Assert.Equal(File.ReadAllBytes(_folder["a.jsonl"]), File.ReadAllBytes(_folder["b.jsonl"]));
        Assert.NotEqual(File.ReadAllBytes(_folder["a.jsonl"]), File.ReadAllBytes(_folder["c.jsonl"]));
        IReadOnlyList<Prompt> prompts = PromptFile.Read(_folder["a.jsonl"]);
        Assert.Equal(100, prompts.Count);
        Assert.All(prompts, prompt => Assert.Equal((PromptSource.Template, 1L), (prompt.Origin.Source, prompt.Origin.Seed)));
    }

    [Fact]
    public void Prompts_WithoutOut_AreLinesOnStandardOutput()
    {
        CommandLineRun plain = Run("prompts", "--template", "-n", "3");
        Assert.All(Lines(plain), line => Assert.StartsWith("a photo of ", line, StringComparison.Ordinal));
        CommandLineRun json = Run("prompts", "--template", "-n", "3", "--json", "--out", "-");
        Assert.Equal(Lines(plain), Lines(json).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("prompt").GetString()));
    }

    [Fact]
    public void Prompts_OfAText_AreTakenAsTheyStandAndMarked()
    {
        File.WriteAllText(_folder["list.txt"], "A picture of a skateboard at dusk.\na photo of a car in rain\n");
        CommandLineRun run = Run("prompts", "--text", _folder["list.txt"], "--out", _folder["list.jsonl"], "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(1, JsonDocument.Parse(run.Out).RootElement.GetProperty("faultless").GetInt32());
        IReadOnlyList<Prompt> prompts = PromptFile.Read(_folder["list.jsonl"]);
        Assert.Equal("A picture of a skateboard at dusk.", prompts[0].Text);
        Assert.Equal([PromptFault.Form, PromptFault.NoClass], prompts[0].Faults);
        Assert.Equal(("list.txt", 1), (prompts[1].Origin.Name, prompts[1].Origin.Index));
    }

    [Fact]
    public void Prompts_OfAModelThatGivesUp_AreKeptAndResumeGoesOn()
    {
        using ScriptedModel poor = new("1. a photo of a car in rain.\n2. a photo of a bus in fog.", "What?");
        CommandLineRun run = Asked(poor, "-n", "4", "--out", _folder["p.jsonl"]);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("2 of 4 after answer 6", run.Error, StringComparison.Ordinal);
        Assert.Contains("2 prompts are in", run.Error, StringComparison.Ordinal);
        Assert.Contains("--resume", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, PromptFile.Read(_folder["p.jsonl"]).Count);
        Assert.Equal(6, File.ReadAllLines(_folder["p.answers.jsonl"]).Length);

        using ScriptedModel good = new("- a photo of a train in snow\n- a photo of a truck in spring");
        Assert.Equal(2, Asked(good, "-n", "4", "--out", _folder["p.jsonl"]).ExitCode);
        Assert.Equal(0, Asked(good, "-n", "4", "--out", _folder["p.jsonl"], "--resume").ExitCode);
        Assert.Equal([1, 1, 7, 7], PromptFile.Read(_folder["p.jsonl"]).Select(prompt => prompt.Origin.Attempt));
        Assert.DoesNotContain(good.Asked[0].Seed, poor.Asked.Select(asked => asked.Seed));
        Assert.Equal(7, File.ReadAllLines(_folder["p.answers.jsonl"]).Length);
        Assert.Equal(0, Asked(good, "-n", "2", "--out", _folder["p.jsonl"], "--overwrite").ExitCode);
        Assert.Equal([1, 1], PromptFile.Read(_folder["p.jsonl"]).Select(prompt => prompt.Origin.Attempt));
        Assert.Single(File.ReadAllLines(_folder["p.answers.jsonl"]));
    }

    [Fact]
    public void Prompts_ResumedWithEnoughOfThem_DoesNotOpenTheModel()
    {
        File.WriteAllText(_folder["p.jsonl"], "a photo of a car in rain\na photo of a bus in fog\n");
        PromptsVerb verb = new((model, _) => throw new CloudsException(Failure.BadInput, "opened", model));
        string[] line = ["prompts", "--model", "m", "--out", _folder["p.jsonl"], "--resume", "-n"];

        Assert.Equal(0, CommandLineRun.Of([verb], [.. line, "2"]).ExitCode);
        CommandLineRun more = CommandLineRun.Of([verb], [.. line, "3"]);
        Assert.Equal((int)Failure.BadInput, more.ExitCode);
        Assert.Contains("clouds: opened", more.Error, StringComparison.Ordinal);
        Assert.Equal(2, PromptFile.Read(_folder["p.jsonl"]).Count);
    }

    [Fact]
    public void Prompts_OfAModelThatGivesUpWithoutAFile_AreOnStandardOutput()
    {
        using ScriptedModel poor = new("1. a photo of a car in rain.", "What?");
        CommandLineRun run = Asked(poor, "-n", "4");
        Assert.Equal(3, run.ExitCode);
        Assert.Equal(["a photo of a car in rain"], Lines(run));
        Assert.Contains("1 prompts are on standard output", run.Error, StringComparison.Ordinal);

        using ScriptedModel nonsense = new("=K+K+=-");
        CommandLineRun none = Asked(nonsense, "-n", "4");
        Assert.Equal((3, ""), (none.ExitCode, none.Out));
        Assert.Contains("take another --model", none.Error, StringComparison.Ordinal);
    }

    // A folder stands where the list is written before it gets its name.
    [Fact]
    public void Prompts_ListThatCannotBeWrittenAnyMore_ResumeAsksTheLastQuestionAgain()
    {
        string obstacle = _folder[$".p.jsonl.{Environment.ProcessId}.tmp"];
        using ScriptedModel model = new((_, _) => "a photo of a car in rain", (_, _) =>
        {
            Directory.CreateDirectory(obstacle);
            return "a photo of a bus in fog";
        });
        CommandLineRun run = Asked(model, "-n", "3", "--out", _folder["p.jsonl"]);
        Assert.Equal((int)Failure.Output, run.ExitCode);
        Assert.Contains("go on with --resume", run.Error, StringComparison.Ordinal);
        Assert.Equal("a photo of a car in rain", Assert.Single(PromptFile.Read(_folder["p.jsonl"])).Text);

        Directory.Delete(obstacle);
        using ScriptedModel again = new("a photo of a bus in fog\na photo of a train in snow");
        Assert.Equal(0, Asked(again, "-n", "3", "--out", _folder["p.jsonl"], "--resume").ExitCode);
        Assert.Equal([1, 2, 2], PromptFile.Read(_folder["p.jsonl"]).Select(prompt => prompt.Origin.Attempt));
        Assert.Equal(model.Asked[1].Seed, again.Asked[0].Seed);
        Assert.Equal(2, File.ReadAllLines(_folder["p.answers.jsonl"]).Length);
    }

    [Fact]
    public void Prompts_ResumedWithDamagedAnswers_SaysSoAndGoesOn()
    {
        File.WriteAllText(_folder["p.jsonl"], "a photo of a car in rain\n");
        File.WriteAllText(_folder["p.answers.jsonl"], "{\"attempt\":");
        using ScriptedModel model = new("a photo of a train in snow");
        CommandLineRun run = Asked(model, "-n", "2", "--out", _folder["p.jsonl"], "--resume");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("last line cannot be read", run.Error, StringComparison.Ordinal);
        Assert.Equal([PromptSource.Text, PromptSource.Model], PromptFile.Read(_folder["p.jsonl"]).Select(prompt => prompt.Origin.Source));
    }

    [Fact]
    public void Prompts_ModelLeavesClassesOut_IsToldWhich()
    {
        using ScriptedModel model = new(string.Concat(Enumerable.Range(10, 20).Select(i => $"{i}. a photo of a car in street {i} of town.\n")));
        CommandLineRun run = Asked(model, "-n", "20", "--out", _folder["p.txt"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("hardly names road, sidewalk", run.Error, StringComparison.Ordinal);
        Assert.Contains("a photo of a car in street 10 of town", File.ReadAllLines(_folder["p.txt"]));
    }

    [Theory]
    [InlineData("none of them", "prompts")]
    [InlineData("--template and --text", "prompts", "--template", "--text", "a")]
    [InlineData("-n 0", "prompts", "--template", "-n", "0")]
    [InlineData("as it stands", "prompts", "--text", "a", "-n", "3")]
    [InlineData("without --model", "prompts", "--template", "--temperature", "1")]
    [InlineData("without --model", "prompts", "--template", "--resume", "--out", "a")]
    [InlineData("without a file", "prompts", "--model", "a", "--resume")]
    [InlineData("--temperature -1", "prompts", "--model", "a", "--temperature", "-1")]
    [InlineData("--max-words", "prompts", "--template", "--max-words", "2")]
    [InlineData("--max-words", "prompts", "check", "a", "--max-words", "0")]
    public void Prompts_OptionsThatDoNotGoTogether_AreNamed(string said, params string[] arguments)
    {
        CommandLineRun run = Run(arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }

    [Fact]
    public void Prompts_ForTheClassesOfADataSet_SpeakThem()
    {
        File.WriteAllText(
            _folder["set.json"], """{"images":"*.png","labels":"labels/{stem}.png","classes":[{"name":"tower","colour":[1,2,3]}],"idMap":"identity"}""");
        CommandLineRun run = Run("prompts", "--template", "-n", "1000", "--classes", _folder["set.json"], "--out", _folder["p.jsonl"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("a tower", File.ReadAllText(_folder["p.jsonl"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_List_TellsClassesContextsLengthsAndMarks()
    {
        File.WriteAllText(
            _folder["list.txt"], "a photo of a car and a tree in heavy rain\na photo of a bus in a snowy city at night\n"
            + "A photo of a car and a tree in heavy rain.\n");
        CommandLineRun run = Run("prompts", "check", _folder["list.txt"], "--page", _folder["page.html"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"(?m)^car +2$", run.Out);
        Assert.Matches(@"(?m)^weather +3 +rain 2, snowy 1$", run.Out);
        Assert.Matches(@"(?m)^3 +twice +A photo of a car", run.Out);
        Assert.Equal(1, Run("prompts", "check", _folder["list.txt"], "--strict").ExitCode);
        string page = File.ReadAllText(_folder["page.html"]);
        Assert.Contains("No prompt names road, sidewalk", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        using JsonDocument json = JsonDocument.Parse(Run("prompts", "check", _folder["list.txt"], "--json").Out);
        Assert.Equal(2, json.RootElement.GetProperty("classes").GetProperty("vegetation").GetInt32());
        Assert.Equal(1, json.RootElement.GetProperty("faults").GetProperty("twice").GetInt32());
        Assert.Equal(3, json.RootElement.GetProperty("marked")[0].GetProperty("line").GetInt32());
    }

    [Fact]
    public void Check_NoFile_IsBadInput() => Assert.Equal(3, Run("prompts", "check", _folder["none.txt"]).ExitCode);

    private static CommandLineRun Run(params string[] arguments)
        => CommandLineRun.Of([new PromptsVerb((_, _) => new ScriptedModel("")), new PromptsCheckVerb()], arguments);

    private static CommandLineRun Asked(ScriptedModel model, params string[] arguments)
        => CommandLineRun.Of([new PromptsVerb((_, _) => model)], ["prompts", "--model", "scripted", .. arguments]);

    private static string[] Lines(CommandLineRun run) => run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
