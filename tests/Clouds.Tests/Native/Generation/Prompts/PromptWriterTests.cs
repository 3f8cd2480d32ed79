using Clouds.Diagnostics;
using Clouds.Graph.Randomness;
using Clouds.Native.Generation.Language;
using Clouds.Native.Generation.Prompts;
using Clouds.Native.Segmentation;

namespace Clouds.Tests.Native.Generation.Prompts;

[Kind(TestKind.Fast)]
public sealed class PromptWriterTests
{
    [Fact]
    public void Write_WholeList_AsksOnceWithTheClassListAndKeepsProvenance()
    {
        using ScriptedModel model = new(Answer);
        IReadOnlyList<Prompt> prompts = Writer(model).Write();
        Assert.Equal(100, prompts.Count);
        (string question, _) = Assert.Single(model.Asked);
        Assert.Contains("Write 100 diverse and simple prompts", question, StringComparison.Ordinal);
        Assert.Contains("\"a photo of X in Z\"", question, StringComparison.Ordinal);
        Assert.All(ClassSet.Cityscapes.Names, name => Assert.Contains(name, question, StringComparison.Ordinal));
        Assert.Contains("pavement", question, StringComparison.Ordinal);
        PromptOrigin origin = prompts[7].Origin;
        Assert.Equal((PromptSource.Model, "scripted", 1L, 1, 7), (origin.Source, origin.Name, origin.Seed, origin.Attempt, origin.Index));
        Assert.Equal(64, origin.Digest!.Length);
        Assert.All(prompts, prompt => Assert.NotEmpty(prompt.Classes));
    }

    [Fact]
    public void Write_SomePromptsCannotBeUsed_AsksForTheMissingOnesAndSaysWhatWasWrong()
    {
        using ScriptedModel model = new(
            (_, _) => "1. a photo of a car in rain\n2. A picture of a bus\n3. a photo of a dog in fog\n"
                + "4. A photo of a car in rain.\n5. a photo of a truck in snow\nBye.",
            (_, _) => "a photo of a person in a park\na photo of a bus in the city\na photo of a train in winter");
        IReadOnlyList<Prompt> prompts = Writer(model, 5).Write();
        Assert.Equal([(1, 0), (1, 4), (2, 0), (2, 1), (2, 2)], prompts.Select(prompt => (prompt.Origin.Attempt!.Value, prompt.Origin.Index)));
        string again = model.Asked[1].Question;
        Assert.Contains("Write 3 diverse", again, StringComparison.Ordinal);
        Assert.Contains("were not of the form \"a photo of X in Z\", for instance: \"A picture of a bus\"", again, StringComparison.Ordinal);
        Assert.Contains("had no class of C as X, for instance: \"a photo of a dog in fog\"", again, StringComparison.Ordinal);
        Assert.Contains("were there already, for instance: \"a photo of a car in rain\"", again, StringComparison.Ordinal);
        Assert.Contains("too rare so far: road,", again, StringComparison.Ordinal);
        Assert.Contains("Do not repeat: a photo of a car in rain; a photo of a truck in snow.", again, StringComparison.Ordinal);
        Assert.NotEqual(model.Asked[0].Seed, model.Asked[1].Seed);
    }

    [Fact]
    public void Write_LastPromptIsCut_AsksForItAgain()
    {
        using ScriptedModel model = new("1. a photo of a car in rain\n2. a photo of a bus in the sno",
            "1. a photo of a bus in the snow\n2. a photo of a van in fog.");
        Assert.Equal(["car in rain", "bus in the snow", "van in fog"], Writer(model, 3).Write().Select(prompt => prompt.Text["a photo of a ".Length..]));
        Assert.Contains("Earlier prompts broke off", model.Asked[1].Question, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ModelEndsWithFewerPromptsThanAskedFor_TheLastIsWhole()
    {
        using ScriptedModel model = new("1. a photo of a car in rain\n2. a photo of a bus in snow", "1. a photo of a van in fog") { HasEnded = true };
        Assert.Equal(["car in rain", "bus in snow", "van in fog"], Writer(model, 3).Write().Select(prompt => prompt.Text["a photo of a ".Length..]));
        Assert.Equal(2, model.Asked.Count);
    }

    [Fact]
    public void Write_ClassesAreMissing_AsksForThemAndKeepsTheNumber()
    {
        string[] names = [.. ClassSet.Cityscapes.Names];
        using ScriptedModel model = new(
            (question, seed) => Many(38, i => $"a photo of a {names[i % 17]} in street number {i} of town"),
            (_, _) => "1. a photo of a motorcycle in rain\n2. a photo of a bicycle in rain");
        Said said = new();
        IReadOnlyList<Prompt> prompts = Writer(model, 38).Write(null, null, said);
        Assert.Equal([0, 2], said.Answers.Select(answer => answer.Wished.Count));
        Assert.Contains("Write 2 diverse", model.Asked[1].Question, StringComparison.Ordinal);
        Assert.Contains("too rare so far: motorcycle, bicycle. Use them.", model.Asked[1].Question, StringComparison.Ordinal);
        Assert.Equal(38, prompts.Count);
        Assert.All(names, name => Assert.InRange(prompts.Count(prompt => prompt.Classes.Contains(name)), 1, 3));
    }

    [Fact]
    public void Write_ModelNeverNamesAClass_EndsWithWhatThereIs()
    {
        using ScriptedModel model = new((question, seed) => Many(30, i => $"a photo of a car in street number {i} of town"));
        PromptWriter writer = Writer(model, 30);
        IReadOnlyList<Prompt> prompts = writer.Write();
        Assert.Equal(30, prompts.Count);
        Assert.Equal(18, writer.Lacking(prompts).Count);
        Assert.Equal(4, model.Asked.Count);
    }

    [Fact]
    public void Write_Nonsense_FailsAfterBoundedAnswersWithWhatItSaid()
    {
        using ScriptedModel model = new("lorem ipsum dolor");
        CloudsException failure = Assert.Throws<CloudsException>(() => Writer(model).Write());
        Assert.Equal(Failure.BadInput, failure.Failure);
        Assert.Contains("0 of 100 after answer 5", failure.Message, StringComparison.Ordinal);
        Assert.Contains("lorem ipsum", failure.Message, StringComparison.Ordinal);
        Assert.Equal(5, model.Asked.Count);
        Assert.Equal(5, model.Asked.DistinctBy(asked => asked.Seed).Count());
    }

    [Fact]
    public void Write_OnePromptAnAnswer_StopsAtTheBound()
    {
        using ScriptedModel model = new((_, seed) => $"a photo of a car in street number {seed} of town");
        CloudsException failure = Assert.Throws<CloudsException>(() => Writer(model, 100, most: 7).Write());
        Assert.Contains("7 of 100", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_StoppedAndGoneOnFrom_IsTheSameListAsInOneCall()
    {
        using ScriptedModel whole = new(Half);
        Said said = new();
        IReadOnlyList<Prompt> prompts = Writer(whole).Write(null, null, said);
        Assert.InRange(said.Answers.Count, 3, 20);
        foreach (PromptAnswer answer in said.Answers)
        {
            using ScriptedModel rest = new(Half);
            Assert.Equal(prompts.Select(prompt => PromptFile.Line(prompt)), Writer(rest).Write(answer.Kept, answer).Select(prompt => PromptFile.Line(prompt)));
            Assert.Equal(said.Answers.Count - answer.Attempt, rest.Asked.Count);
        }
    }

    [Fact]
    public void Write_PromptsKeptWithoutTheLastAnswer_HasNoAnswerTwice()
    {
        using ScriptedModel model = new(Half);
        Prompt kept = new() { Text = "a photo of a car in rain", Classes = ["car"], Origin = new PromptOrigin(PromptSource.Model) { Attempt = 6 } };
        Assert.Equal(7, Writer(model, 5).Write([kept])[1].Origin.Attempt);
    }

    [Fact]
    public void Write_EnoughIsKept_AsksNothing()
    {
        using ScriptedModel model = new("never");
        IReadOnlyList<Prompt> kept = TemplateWriter.Write(ClassWords.Cityscapes, 120);
        Assert.Same(kept, Writer(model).Write(kept));
        Assert.Empty(model.Asked);
    }

    [Fact]
    public void Write_ModelWithLittleContext_IsAskedForWhatFits()
    {
        using ScriptedModel model = new(Answer) { Facts = new LanguageModelFacts { Name = "small", Files = [], Context = 1024, Precision = "fp32" } };
        Assert.Equal(100, Writer(model).Write().Count);
        Assert.InRange(model.Asked.Count, 3, 100);
        Assert.All(model.Asked, asked => Assert.InRange(asked.Question.Length / 3, 1, 1000));
    }

    [Fact]
    public void Write_ModelThatCountsItsTokens_IsAskedForAsManyAsItHasRoomFor()
    {
        int Asked(Func<string, int> counting)
        {
            using ScriptedModel model = new(Answer)
            {
                Facts = new LanguageModelFacts { Name = "small", Files = [], Context = 1024, Precision = "fp32" }, Counting = counting,
            };
            Writer(model).Write();
            return int.Parse(model.Asked[0].Question.Split(' ')[1]);
        }

        int exact = Asked(text => text.Split(' ').Length), estimated = Asked(TokenEstimate.Of);
        Assert.True(exact > estimated + 5, $"{exact}, {estimated}");
    }

    // Room for the question alone, then for what was wrong with the last answer no longer.
    [Fact]
    public void Write_ModelWithoutRoom_SaysHowMuchItTakes()
    {
        using ScriptedModel model = new(Answer) { Facts = new LanguageModelFacts { Name = "small", Files = [], Context = 300, Precision = "fp32" } };
        CloudsException failure = Assert.Throws<CloudsException>(() => Writer(model).Write());
        Assert.Equal((Failure.BadInput, "small"), (failure.Failure, failure.Where));
        Assert.Contains("no room for the question", failure.Message, StringComparison.Ordinal);
        Assert.Empty(model.Asked);
    }

    [Fact]
    public void Write_ModelWithLittleRoom_IsNotToldWhatWasWrong()
    {
        string wrong = string.Join('\n', Enumerable.Range(0, 3).Select(i => $"{i}. a picture of {new string('x', 150)}"));
        using ScriptedModel model = new(wrong, "a photo of a car in rain")
        {
            Facts = new LanguageModelFacts { Name = "small", Files = [], Context = 600, Precision = "fp32" },
        };
        Writer(model, 1).Write();
        Assert.DoesNotContain("picture", model.Asked[1].Question, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Cancelled_HasToldWhatIsKept()
    {
        using CancellationTokenSource source = new();
        using ScriptedModel model = new((_, seed) => $"a photo of a car in street number {seed} of town");
        Said said = new() { Then = source.Cancel };
        Assert.Throws<OperationCanceledException>(() => Writer(model).Write(null, null, said, null, source.Token));
        Assert.Single(Assert.Single(said.Answers).Kept);
    }

    [Theory]
    [InlineData(0, 5, 5)]
    [InlineData(1, 0, 5)]
    [InlineData(1, 5, 0)]
    public void Constructor_OptionOutOfRange_IsRefused(int count, int patience, int most)
    {
        using ScriptedModel model = new("");
        Assert.Equal(Failure.Usage, Assert.Throws<CloudsException>(() => Writer(model, count, patience, most)).Failure);
    }

    [Fact]
    public void Write_RandomAnswers_GivesValidPromptsOrTheOneFailure()
    {
        PromptCheck check = new(ClassWords.Cityscapes);
        int whole = 0;
        for (int i = 0; i < 300; i++)
        {
            RandomStream random = new(3, "models", i);
            using ScriptedModel model = new((question, seed) => Damaged(Answer(question, seed), random));
            try
            {
                IReadOnlyList<Prompt> prompts = Writer(model, 20).Write();
                Assert.Equal(20, prompts.Count);
                Assert.All(check.Mark(prompts), prompt => Assert.Empty(prompt.Faults));
                whole++;
            }
            catch (CloudsException e) when (e.Failure == Failure.BadInput)
            {
                Assert.Contains("too few prompts", e.Message, StringComparison.Ordinal);
            }
        }

        Assert.InRange(whole, 100, 300);
    }

    private static PromptWriter Writer(ScriptedModel model, int count = 100, int patience = 5, int? most = null)
        => new(model, ClassWords.Cityscapes, new PromptWriterOptions { Count = count, Patience = patience, MostAnswers = most });

    // As many prompts as were asked for; other ones for another seed.
    private static string Answer(string question, long seed)
    {
        int asked = int.Parse(question.Split(' ')[1]);
        return string.Join('\n', TemplateWriter.Write(ClassWords.Cityscapes, asked, seed).Select((prompt, i) => $"{i + 1}. {prompt.Text}."));
    }

    private static string Half(string question, long seed)
    {
        string[] lines = Answer(question, seed).Split('\n');
        return string.Join('\n', lines.Select((line, i) => i % 2 == 0 ? line : line.Replace("photo", "picture", StringComparison.Ordinal)));
    }

    private static string Many(int count, Func<int, string> prompt) => string.Join('\n', Enumerable.Range(0, count).Select(i => $"{i + 1}. {prompt(i)}."));

    private static string Damaged(string answer, RandomStream random)
    {
        char[] letters = [.. answer];
        for (int changes = random.NextInt32(1 + (letters.Length / 40)); changes > 0; changes--)
        {
            letters[random.NextInt32(letters.Length)] = (char)random.NextInt32(random.NextBoolean() ? 128 : 65536);
        }

        return new string(letters, 0, random.NextInt32(letters.Length + 1));
    }

    private sealed class Said : IProgress<PromptAnswer>
    {
        public List<PromptAnswer> Answers { get; } = [];

        public Action Then { get; init; } = () => { };

        public void Report(PromptAnswer value)
        {
            Answers.Add(value);
            Then();
        }
    }
}
