using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Evaluation;

namespace Clouds.Tests.Training.Evaluation;

[Kind(TestKind.Fast)]
public sealed class EvaluationComparisonTests
{
    private static readonly ClassSet Three = new(["road", "sky", "car"], [default, default, default]);

    [Fact]
    public void Classes_TwoResults_SayWhatTheSecondGains()
    {
        EvaluationComparison compared = new(Result(("a", [0, 0, 0, 1])), Result(("a", [0, 0, 1, 1])));
        Assert.Equal(["road", "sky", "car"], compared.Classes.Select(row => row.Name));
        Assert.Equal((2 / 3.0, 1.0, 1 / 3.0), (compared.Classes[0].First!.Value, compared.Classes[0].Second!.Value, compared.Classes[0].Gain!.Value), Close);
        Assert.Null(compared.Classes[2].Gain);
        Assert.Equal(0.25, compared.Totals.Single(row => row.Name == "pixel accuracy").Gain!.Value, 12);
    }

    [Fact]
    public void Images_BothHave_ComeByTheSizeOfTheDifference()
    {
        EvaluationResult first = Result(("same", [0, 0, 1, 1]), ("worse", [0, 0, 1, 1]), ("better", [1, 1, 0, 0]), ("alone", [0, 0, 0, 0]));
        EvaluationResult second = Result(("worse", [0, 0, 0, 1]), ("better", [0, 0, 1, 1]), ("same", [0, 0, 1, 1]));
        EvaluationComparison compared = new(first, second);
        Assert.Equal(["better", "worse", "same"], compared.Images.Select(image => image.Name));
        Assert.Equal([1.0, 0.0], new[] { compared.Images[0].Gain!.Value, compared.Images[2].Gain!.Value });
        Assert.True(compared.Images[1].Gain < 0);
    }

    private static readonly IEqualityComparer<(double, double, double)> Close = EqualityComparer<(double, double, double)>.Create(
        (x, y) => Math.Abs(x.Item1 - y.Item1) + Math.Abs(x.Item2 - y.Item2) + Math.Abs(x.Item3 - y.Item3) < 1e-12, _ => 0);

    // The truth of every image is road, road, sky, sky.
    private static EvaluationResult Result(params (string Name, ushort[] Answer)[] images)
    {
        EvaluationCounts counts = new(Three);
        List<ImageScore> scores = [];
        foreach ((string name, ushort[] answer) in images)
        {
            EvaluationCounts own = new(Three);
            own.Add(new ScoredAnswer(new LabelMap(4, 1, answer), new LabelMap(4, 1, [0, 0, 1, 1])));
            counts.Merge(own);
            scores.Add(ImageScore.Of(name, own.Matrix, 4));
        }

        return new EvaluationResult("set", GroundTruthSpace.Original, counts, scores, [], null);
    }
}
