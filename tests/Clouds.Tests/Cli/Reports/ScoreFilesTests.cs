using Clouds.Cli.Reports;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Evaluation;

namespace Clouds.Tests.Cli.Reports;

[Kind(TestKind.Fast)]
public class ScoreFilesTests
{
    private static readonly ClassSet Classes = new(["a", "b, c"], [new(1, 2, 3), new(4, 5, 6)]);

    [Fact]
    public void Csv_NamesWithCommas_AreQuotedAndAbsentClassesEmpty() => Assert.Equal(
        "image,pixels,mIoU,pixelAccuracy,ignoredPixels,a,\"b, c\"\n\"x,1\",2,0.500000,0.500000,0,0.500000,\n",
        ScoreFiles.Csv(Result("set")));

    [Fact]
    public void Write_TwoSetsOfOneName_KeepsBoth()
    {
        using TemporaryFolder folder = new();
        ScoreFiles.Write(folder.Path, [Result("a/b"), Result("a/b")]);
        Assert.Equal(["a-b-2.images.csv", "a-b-2.json", "a-b.images.csv", "a-b.json"],
            Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private static EvaluationResult Result(string name)
    {
        ConfusionMatrix matrix = new(Classes);
        matrix.Add(new LabelMap(2, 1, [0, 1]), new LabelMap(2, 1, [0, 0]));
        ImageScore image = ImageScore.Of("x,1", matrix, 2);
        return new EvaluationResult(name, GroundTruthSpace.Original, SegmentationScores.From(matrix), [image], [], null);
    }
}
