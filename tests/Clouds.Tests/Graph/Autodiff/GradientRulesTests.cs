using Clouds.Graph.Autodiff;

namespace Clouds.Tests.Graph.Autodiff;

[Kind(TestKind.Fast)]
public class GradientRulesTests
{
    public static TheoryData<string> Titles => [.. GradientCases.All.Select(gradientCase => gradientCase.Title)];

    [Theory]
    [MemberData(nameof(Titles))]
    public void Gradient_OfEveryRule_EqualsFiniteDifferences(string title) =>
        new GradientCheck(GradientCases.All.Single(gradientCase => gradientCase.Title == title)).Assert();

    [Fact]
    public void EveryRule_HasAGradientCase()
    {
        string[] without = [.. GradientRules.Operators.Except(GradientCases.All.Select(gradientCase => gradientCase.Rule))];

        Assert.True(without.Length == 0, $"no finite-difference case for {string.Join(", ", without)}");
    }
}
