using Clouds.Native.Generation.Prompts;

namespace Clouds.Tests.Native.Generation.Prompts;

[Kind(TestKind.Fast)]
public sealed class PromptCheckTests
{
    [Theory]
    [InlineData("a photo of a car in heavy rain", "car", "heavy rain")]
    [InlineData("A photo of cars and two buses in the snow.", "car bus", "the snow")]
    [InlineData("a photo of people and bicycles in a city", "person bicycle", "a city")]
    [InlineData("a photo of a policeman in fog", "person", "fog")]
    [InlineData("a photo of policemen and women in fog", "person", "fog")]
    [InlineData("a photo of a TRAFFIC LIGHT and a stop-sign in fog", "traffic light,traffic sign", "fog")]
    [InlineData("a photo of a person in a car in the rain", "person", "a car in the rain")]
    [InlineData("a photo of light in a car in the rain", "car", "the rain")]
    [InlineData("a photo of a motorcycle rider in the sun", "rider", "the sun")]
    [InlineData("a photo of trees, SUVs and lorries in autumn", "vegetation,car,truck", "autumn")]
    public void Mark_PromptOfTheForm_HasClassesAndContext(string text, string classes, string context)
    {
        Prompt prompt = Mark(text);
        Assert.Empty(prompt.Faults);
        Assert.Equal(text, prompt.Text);
        Assert.Equal(context, prompt.Context);
        Assert.Equal(classes.Split(classes.Contains(',', StringComparison.Ordinal) ? ',' : ' ').Order(), prompt.Classes.Order());
    }

    [Theory]
    [InlineData("a picture of a car in rain", PromptFault.Form)]
    [InlineData("a photo of a car at night", PromptFault.Form)]
    [InlineData("photo of a car in rain", PromptFault.Form)]
    [InlineData("a photo of a car in", PromptFault.Form, PromptFault.Cut)]
    [InlineData("a photo of in the rain", PromptFault.Form, PromptFault.NoClass)]
    [InlineData("a photo of a photo of a car in rain", PromptFault.Form)]
    [InlineData("a photo of a car in 42", PromptFault.Form)]
    [InlineData("a photo of a dog in a street", PromptFault.NoClass)]
    [InlineData("a photo of a cartoon in a trainer", PromptFault.NoClass)]
    [InlineData("a photo of a scar and a busy business in rain", PromptFault.NoClass)]
    [InlineData("a photo of X in Z", PromptFault.Form, PromptFault.NoClass)]
    [InlineData("a photo of a car park in rain", PromptFault.NoClass)]
    [InlineData("a photo of a car in the light of a", PromptFault.Cut)]
    [InlineData("a photo of a car in a a a a a a a a a a a a a a a a a a a a a a a a a city", PromptFault.Length)]
    public void Mark_PromptThatIsNot_SaysWhatItLacks(string text, params PromptFault[] faults) => Assert.Equal(faults, Mark(text).Faults);

    [Fact]
    public void Mark_SamePromptButForCaseSpacesAndStop_IsTwice()
    {
        IReadOnlyList<Prompt> marked = new PromptCheck(ClassWords.Cityscapes).Mark(
            new[] { "a photo of a car in rain", "A photo of a  car in Rain .", "a photo of a car in the rain" }.Select(text => Of(text)));
        Assert.Equal([false, true, false], marked.Select(prompt => prompt.Faults.Contains(PromptFault.Twice)));
    }

    [Fact]
    public void Mark_FreeText_HasTheClassesOfAllOfIt()
    {
        Prompt prompt = Mark("snapshot of a fire hydrant on a sidewalk, cars passing by");
        Assert.Equal(["sidewalk", "car"], prompt.Classes);
        Assert.Equal("", prompt.Context);
        Assert.Equal([PromptFault.Form, PromptFault.Cut], prompt.Faults);
    }

    private static Prompt Mark(string text) => Assert.Single(new PromptCheck(ClassWords.Cityscapes).Mark([Of(text)]));

    private static Prompt Of(string text) => new() { Text = text, Origin = new PromptOrigin(PromptSource.Text) };
}
