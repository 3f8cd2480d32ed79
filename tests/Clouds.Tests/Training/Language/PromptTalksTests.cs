using System.Text.RegularExpressions;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Language;
using Clouds.Native.Generation.Prompts;
using Clouds.Training.Language;

namespace Clouds.Tests.Training.Language;

/// <summary>Talks that a language model learns the paper's instruction from.</summary>
[Kind(TestKind.Fast)]
public sealed partial class PromptTalksTests
{
    private static readonly LearnedText[] Talks = [.. Enumerable.Range(0, 120).Select(new PromptTalks(3).Talk)];

    [Fact]
    public void Talk_SameSeedAndNumber_IsTheSame()
    {
        Assert.Equal((Talks[7].Text, Talks[7].Question[1].Text), (new PromptTalks(3).Talk(7).Text, new PromptTalks(3).Talk(7).Question[1].Text));
        Assert.NotEqual(Talks[7].Text, new PromptTalks(4).Talk(7).Text);
    }

    // The first question is what PromptWriter asks, word for word.
    [Fact]
    public void Question_AskedTheFirstTime_IsTheWritersOwn()
    {
        LearnedText[] first = [.. Talks.Where(talk => talk.Question[1].Text.Contains("motorcycle, bicycle].", StringComparison.Ordinal)
            && talk.Question[1].Text.EndsWith('.') && !talk.Question[1].Text.Contains("so far", StringComparison.Ordinal)
            && !talk.Question[1].Text.Contains("repeat", StringComparison.Ordinal))];
        Assert.NotEmpty(first);
        PromptQuestion question = new(ClassWords.Cityscapes, synonyms: 0);
        Assert.Contains(first, talk => talk.Question.SequenceEqual(question.Of(Lines(talk).Length, [], [], [])));
    }

    [Fact]
    public void Answer_IsAsManyGoodPromptsAsWereAskedFor_EachWithAClassOfThoseThatAreRare()
    {
        PromptCheck check = new(ClassWords.Cityscapes);
        int wished = 0;
        foreach (LearnedText talk in Talks)
        {
            string asked = talk.Question[1].Text;
            string[] lines = Lines(talk);
            Assert.Equal(Enumerable.Range(1, int.Parse(asked.Split(' ')[1])).Select(number => $"{number}"), lines.Select(line => line.Split('.')[0]));
            string[] known = [.. Known().Match(asked).Groups[1].Value.Split("; ", StringSplitOptions.RemoveEmptyEntries)];
            string[] texts = [.. known, .. lines.Select(line => line.Split(". ")[1])];
            IReadOnlyList<Prompt> marked = check.Mark([.. texts.Select(text => new Prompt { Text = text, Origin = new(PromptSource.Text) })]);
            Assert.All(marked, prompt => Assert.Empty(prompt.Faults));
            string[] rare = Rare().Match(asked).Groups[1].Value.Split(", ", StringSplitOptions.RemoveEmptyEntries);
            wished += rare.Length > 0 ? 1 : 0;
            Assert.All(marked.Skip(known.Length), prompt => Assert.True(rare.Length == 0 || prompt.Classes.Intersect(rare).Any(), $"{asked} {prompt}"));
        }

        Assert.InRange(wished, 40, 90);
    }

    [Fact]
    public void Texts_OfTheWorld_HaveNoWordOfUnseenStyles() => Assert.DoesNotContain(
        Talks.SelectMany(talk => talk.Question.Select(turn => turn.Text).Append(talk.Text)), text => Unseen().IsMatch(text));

    [Fact]
    public void Source_TalksAsJsonLines_AreReadWithTheirAnswers()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["talks.jsonl"],
            """{"messages": [{"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "Yes."}]}""" + "\n\n");
        LearnedText talk = Assert.Single(TextSource.Read(folder["talks.jsonl"]));
        Assert.Equal([new ChatTurn(ChatRole.User, "Hello?")], talk.Question);
        Assert.Equal("Yes.", talk.Text);
    }

    [Theory]
    [InlineData("""{"messages": [{"role": "user", "content": "Hello?"}]}""", "line 1")]
    [InlineData("""{"messages": [{"role": "dog", "content": "Woof"}, {"role": "assistant", "content": "Yes."}]}""", "dog")]
    [InlineData("""{"talk": 1}""", "messages")]
    public void Source_LineThatIsNoTalk_IsNamed(string line, string told)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["talks.jsonl"], line);
        Assert.Contains(told, Assert.Throws<CloudsException>(() => TextSource.Read(folder["talks.jsonl"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("world:texts?count=0")]
    [InlineData("world:texts?words=3")]
    [InlineData("world:texts?count=3&count=4")]
    [InlineData("world:texts?seed=-1")]
    public void Source_WrongKeyOrValue_IsRefused(string spec) =>
        Assert.Equal(Failure.Usage, Assert.Throws<CloudsException>(() => TextSource.Read(spec)).Failure);

    private static string[] Lines(LearnedText talk) => talk.Text.Split('\n');

    [GeneratedRegex(@" Do not repeat: (.+?)\.")]
    private static partial Regex Known();

    [GeneratedRegex(@"too rare so far: (.+?)\. Use them\.")]
    private static partial Regex Rare();

    [GeneratedRegex("sunset|neon|sandstorm|blizzard|forest")]
    private static partial Regex Unseen();
}
