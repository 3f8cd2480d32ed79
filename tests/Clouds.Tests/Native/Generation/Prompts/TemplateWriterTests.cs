using Clouds.Diagnostics;
using Clouds.Native.Generation.Prompts;

namespace Clouds.Tests.Native.Generation.Prompts;

[Kind(TestKind.Fast)]
public sealed class TemplateWriterTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(100, 1)]
    [InlineData(100, -5)]
    [InlineData(2000, 3)]
    public void Write_Prompts_HaveNoFaultAndTheirOwnClassesAndContext(int count, long seed)
    {
        IReadOnlyList<Prompt> prompts = TemplateWriter.Write(ClassWords.Cityscapes, count, seed);
        Assert.Equal(count, prompts.Count);
        Assert.All(prompts.Zip(new PromptCheck(ClassWords.Cityscapes).Mark(prompts)), pair =>
        {
            Assert.Empty(pair.Second.Faults);
            Assert.Equal(pair.First.Classes, pair.Second.Classes);
            Assert.Equal(pair.First.Context, pair.Second.Context);
        });
    }

    [Fact]
    public void Write_ManyPrompts_NameAllClassesEquallyOftenAndEveryKindOfContext()
    {
        PromptSurvey survey = new(TemplateWriter.Write(ClassWords.Cityscapes), ClassWords.Cityscapes);
        Assert.InRange(survey.Classes.Max(count => count.Prompts) - survey.Classes.Min(count => count.Prompts), 0, 1);
        Assert.All(survey.Kinds.Values, prompts => Assert.InRange(prompts, 25, 75));
        Assert.Equal(100, survey.Faultless);
    }

    [Fact]
    public void Write_SameSeed_IsTheSameAndALongerListBeginsWithIt()
    {
        string[] prompts = [.. TemplateWriter.Write(ClassWords.Cityscapes, 50, 4).Select(prompt => PromptFile.Line(prompt))];
        Assert.Equal(prompts, TemplateWriter.Write(ClassWords.Cityscapes, 80, 4).Take(50).Select(prompt => PromptFile.Line(prompt)));
        Assert.NotEqual(prompts, TemplateWriter.Write(ClassWords.Cityscapes, 50, 5).Select(prompt => PromptFile.Line(prompt)));
    }

    [Fact]
    public void Write_Contexts_NeverContradictThemselves()
        => Assert.DoesNotContain(TemplateWriter.Write(ClassWords.Cityscapes, 2000), prompt =>
            prompt.Context.Contains("sunshine", StringComparison.Ordinal) && prompt.Context.Contains("night", StringComparison.Ordinal));

    [Fact]
    public void Write_OneClassOfADataSet_SpeaksItsName()
        => Assert.StartsWith("a photo of an ice floe in ", TemplateWriter.Write(new ClassWords(ClassWordsTests.Set("ice_floe")), 1)[0].Text);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1_000_000)]
    public void Write_MoreThanThereAreOrNone_IsRefused(int count)
        => Assert.Equal(Failure.Usage, Assert.Throws<CloudsException>(() => TemplateWriter.Write(new ClassWords(ClassWordsTests.Set("hill")), count)).Failure);
}
