using Clouds.Models.Clip;

namespace Clouds.Tests.Models.Clip;

/// <summary>The fourteen prompts, and the names that a class has.</summary>
[Kind(TestKind.Fast)]
public sealed class ClassPromptsTests
{
    [Fact]
    public void Of_AName_GivesVildsFourteenPrompts()
    {
        IReadOnlyList<string> prompts = ClassPrompts.Of("palm tree");
        Assert.Equal(ClassPrompts.Count, prompts.Distinct().Count());
        Assert.Equal(
            [
                "There is a large palm tree in the scene.", "There is a medium palm tree in the scene.", "There is a palm tree in the scene",
                "There is a small palm tree in the scene.", "There is the palm tree in the scene", "This is a photo of a large palm tree.",
                "This is a photo of a medium palm tree.", "This is a photo of a palm tree", "This is a photo of a small palm tree.",
                "a photo of a large palm tree.", "a photo of a medium palm tree.", "a photo of a palm tree in the scene", "a photo of a palm tree.",
                "a photo of a small palm tree.",
            ],
            prompts.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("terrain", 10)]
    [InlineData("person", 1)]
    [InlineData("traffic light", 2)]
    [InlineData("zebra", 1)]
    public void Synonyms_OfAClass_BeginWithItsOwnName(string name, int count)
    {
        Assert.Equal(name, ClassSynonyms.Of(name)[0]);
        Assert.Equal(count, ClassSynonyms.Of(name).Distinct().Count());
    }
}
