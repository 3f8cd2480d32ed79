using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Evaluation;

namespace Clouds.Tests.Training.Evaluation;

[Kind(TestKind.Fast)]
public sealed class CollapsedAnswersTests
{
    private static readonly ClassSet Two = new(["road", "sky"], [default, default]);

    [Fact]
    public void Find_OneClassEverywhere_IsNamedWithBothShares()
    {
        CollapsedAnswers found = CollapsedAnswers.Find(Matrix(answered: 1000, true0: 400))!;
        Assert.Equal(("road", 1.0, 0.4), (found.Name, found.Answered, found.True));
        Assert.Contains("road for 100.0 % of the pixels, of which 40.0 % are", found.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(990, 400, true)]
    [InlineData(989, 400, false)]
    [InlineData(1000, 949, true)]
    [InlineData(1000, 950, false)]
    [InlineData(0, 400, true)]
    public void Find_Shares_DecidesAtItsLimits(int answered, int true0, bool collapsed) =>
        Assert.Equal(collapsed, CollapsedAnswers.Find(Matrix(answered, true0)) is not null);

    [Fact]
    public void Find_NothingCounted_IsNone() => Assert.Null(CollapsedAnswers.Find(new ConfusionMatrix(Two)));

    private static ConfusionMatrix Matrix(int answered, int true0)
    {
        ConfusionMatrix matrix = new(Two);
        LabelMap Row(int zeros) => new(1000, 1, [.. Enumerable.Range(0, 1000).Select(i => i < zeros ? (ushort)0 : (ushort)1)]);
        matrix.Add(Row(answered), Row(true0));
        return matrix;
    }
}
