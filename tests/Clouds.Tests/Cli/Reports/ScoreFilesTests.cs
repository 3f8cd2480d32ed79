using Clouds.Cli.Reports;
using Clouds.Diagnostics;
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
    public void Csv_Confusions_HaveARowForEachAnswerAndOneForNone() =>
        Assert.Equal("answer / truth,a,\"b, c\"\na,1,0\n\"b, c\",1,0\nno class,0,0\n", ScoreFiles.Csv(Result("set").Counts.Matrix));

    [Fact]
    public void Table_Average_IsTheMeanOfTheSetsAndNothingWhereOneLacksIt()
    {
        EvaluationResult right = Result("night");
        right.Counts.Matrix.Add(new LabelMap(2, 1, [0, 0]), new LabelMap(2, 1, [0, 0]));
        IReadOnlyList<string>[] rows = [.. new ScoreTable([Result("day"), right], average: true).Rows];
        Assert.Equal(["mIoU", "50.0", "75.0", "62.5"], rows.First(row => row[0] == "mIoU"));
        Assert.Equal(["b, c", "-", "-", "-"], rows.First(row => row[0] == "b, c"));
        Assert.Equal(["images", "1", "1", "2"], rows.First(row => row[0] == "images"));
        Assert.Equal(0.625, SetAverage.From([Result("day"), right]).MeanIou);
        Assert.Null(SetAverage.From([Result("day"), right with { Counts = new EvaluationCounts(Classes) }]).MeanIou);
    }

    [Fact]
    public void Write_TwoSetsOfOneName_KeepsBoth()
    {
        using TemporaryFolder folder = new();
        ScoreFiles.Write(folder.Path, [Result("a/b"), Result("a/b")]);
        Assert.Equal(["a-b-2.confusion.csv", "a-b-2.images.csv", "a-b-2.json", "a-b.confusion.csv", "a-b.images.csv", "a-b.json"],
            Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Write_NamesThatDifferInCaseOrInAStroke_KeepsAll()
    {
        using TemporaryFolder folder = new();
        ScoreFiles.Write(folder.Path, [Result("a/b"), Result("A-b"), Result("a-b-2"), Result("a b")]);
        Assert.Equal(12, Directory.GetFiles(folder.Path).Select(file => file.ToUpperInvariant()).Distinct().Count());
    }

    [Fact]
    public void Prepare_ScoresOfOtherSets_AreRefusedOrRemovedAsAWhole()
    {
        using TemporaryFolder folder = new();
        ScoreFiles.Write(folder.Path, [Result("day"), Result("night")]);
        File.WriteAllText(folder["notes.json"], "{}");
        ScoreFiles.Prepare(folder.Path, ["night", "day"], overwrite: false);
        CloudsException failure = Assert.Throws<CloudsException>(() => ScoreFiles.Prepare(folder.Path, ["day"], overwrite: false));
        Assert.Equal((Failure.Usage, "night.images.csv, night.confusion.csv, night.json"), (failure.Failure, failure.Found));
        ScoreFiles.Prepare(folder.Path, ["day"], overwrite: true);
        Assert.Equal(["day.confusion.csv", "day.images.csv", "day.json", "notes.json"],
            Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Table_SetsOfOneNameAndOfOtherClasses_HaveColumnsOfTheirOwn()
    {
        EvaluationResult second = Result("set") with { Counts = new EvaluationCounts(new ClassSet(["c"], [new(7, 8, 9)])) };
        ScoreTable table = new([Result("set"), second]);
        Assert.Equal(["class", "set", "set-2"], table.Columns);
        Assert.Equal(["a", "b, c", "c"], table.Rows.Take(3).Select(row => row[0]));
    }

    private static EvaluationResult Result(string name)
    {
        ConfusionMatrix matrix = new(Classes);
        matrix.Add(new LabelMap(2, 1, [0, 1]), new LabelMap(2, 1, [0, 0]));
        ImageScore image = ImageScore.Of("x,1", matrix, 2);
        EvaluationCounts counts = new(Classes);
        counts.Matrix.Merge(matrix);
        return new EvaluationResult(name, GroundTruthSpace.Original, counts, [image], [], null);
    }
}
