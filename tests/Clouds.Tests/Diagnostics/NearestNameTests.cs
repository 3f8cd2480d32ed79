using Clouds.Diagnostics;

namespace Clouds.Tests.Diagnostics;

[Kind(TestKind.Fast)]
public class NearestNameTests
{
    [Theory]
    [InlineData("qeuries", "queries")]
    [InlineData("querys", "queries")]
    [InlineData("Width", "width")]
    [InlineData("stepsPerTeacherUpdat", "stepsPerTeacherUpdate")]
    public void Find_SlipOfTheKeyboard_NamesWhatWasMeant(string word, string meant) =>
        Assert.Equal(meant, NearestName.Find(word, ["width", "queries", "stepsPerTeacherUpdate"]));

    [Fact]
    public void Find_NothingNear_ReturnsNull() => Assert.Null(NearestName.Find("learningRate", ["width", "queries"]));

    [Fact]
    public void Find_NoCandidates_ReturnsNull() => Assert.Null(NearestName.Find("word", []));
}
