using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Evaluation;

namespace Clouds.Tests.Training.Evaluation;

[Kind(TestKind.Fast)]
public sealed class ConfusionMatrixTests
{
    private static readonly ClassSet Three = new(["road", "sky", "car"], [default, default, default]);

    [Fact]
    public void Add_SmallExample_CountsAndScores()
    {
        ConfusionMatrix matrix = new(Three);
        matrix.Add(Row(0, 0, 0, 1, 1, 2, 0), Row(0, 0, 1, 1, 1, 0, 255));

        SegmentationScores scores = SegmentationScores.From(matrix);

        Assert.Equal((2, 1, 2, 1), (matrix[0, 0], matrix[0, 1], matrix[1, 1], matrix[2, 0]));
        Assert.Equal([2 / 4.0, 2 / 3.0, null], scores.Classes.Select(score => score.Iou));
        Assert.Equal((0.5 + (2 / 3.0)) / 2, scores.MeanIou!.Value, 12);
        Assert.Equal(4 / 6.0, scores.PixelAccuracy!.Value, 12);
        Assert.Equal(((0.5 * 3) + (2 / 3.0 * 3)) / 6, scores.FrequencyWeightedIou!.Value, 12);
        Assert.Equal(0.25, scores.MajorityBaselineMeanIou!.Value, 12);
        Assert.Equal(6, scores.Pixels);
        Assert.Equal(("58.3", "-"), (Percent.Text(scores.MeanIou), Percent.Text(null)));
    }

    [Fact]
    public void Add_TruthAllIgnored_AddsNothing()
    {
        ConfusionMatrix matrix = new(Three);
        matrix.Add(Row(0, 1, 2), Row(255, 255, 255));

        SegmentationScores scores = SegmentationScores.From(matrix);

        Assert.Equal((0L, (double?)null, (double?)null), (scores.Pixels, scores.MeanIou, scores.MajorityBaselineMeanIou));
    }

    [Fact]
    public void From_ClassOnlyPredicted_IsLeftOutOfTheMeanButItsPixelsAreMissed()
    {
        ConfusionMatrix matrix = new(Three);
        matrix.Add(Row(0, 0, 0, 2), Row(0, 0, 0, 0));

        SegmentationScores scores = SegmentationScores.From(matrix);

        Assert.Equal(0.75, scores.MeanIou);
        Assert.Null(scores.Classes[2].Iou);
        Assert.Equal(1, scores.Classes[2].PredictedPixels);
    }

    [Fact]
    public void Add_PredictionWithoutClass_IsAMiss()
    {
        ConfusionMatrix matrix = new(Three);
        matrix.Add(Row(1, 255), Row(1, 1));

        Assert.Equal(0.5, SegmentationScores.From(matrix).MeanIou);
        Assert.Equal((1, 2), (matrix[3, 1], matrix.Truth(1)));
    }

    [Fact]
    public void Add_LargeMaps_EqualsPlainCounting()
    {
        LabelMap truth = Pictures.Labels(203, 97, 21, seed: 4);
        LabelMap prediction = Pictures.Labels(203, 97, 19, seed: 5);
        truth.Ids.AsSpan().Replace((ushort)19, (ushort)255);
        truth.Ids.AsSpan().Replace((ushort)20, (ushort)0);
        truth.Ids.AsSpan(1000, 5000).Fill(7);
        prediction.Ids.AsSpan(900, 4000).Fill(7);
        long[,] plain = new long[19, 19];
        for (int i = 0; i < truth.Ids.Length; i++)
        {
            if (truth.Ids[i] != 255)
            {
                plain[prediction.Ids[i], truth.Ids[i]]++;
            }
        }

        ConfusionMatrix matrix = new(ClassSet.Cityscapes);
        matrix.Add(prediction, truth);
        matrix.Add(prediction, truth);

        for (int p = 0; p < 19; p++)
        {
            for (int t = 0; t < 19; t++)
            {
                Assert.Equal(2 * plain[p, t], matrix[p, t]);
            }
        }
    }

    [Fact]
    public void Merge_TwoImages_IsTheSetAndEachKeepsItsOwnScores()
    {
        ConfusionMatrix right = new(Three), wrong = new(Three);
        right.Add(Row(0, 1), Row(0, 1));
        wrong.Add(Row(1, 0), Row(0, 1));

        Assert.Equal((1.0, 0.0), (ImageScore.Of("right", right, 2).MeanIou, ImageScore.Of("wrong", wrong, 2).MeanIou));
        Assert.Equal([0.0, 0.0, null], ImageScore.Of("wrong", wrong, 2).ClassIou);
        right.Merge(wrong);
        Assert.Equal(1 / 3.0, SegmentationScores.From(right).MeanIou!.Value, 12);
    }

    [Fact]
    public void MeanIouOf_SomeClasses_LeavesAbsentOnesOut()
    {
        ConfusionMatrix matrix = new(Three);
        matrix.Add(Row(0, 0, 1), Row(0, 0, 0));

        Assert.Equal(2 / 3.0, SegmentationScores.From(matrix).MeanIouOf([0, 2])!.Value, 12);
        Assert.Null(SegmentationScores.From(matrix).MeanIouOf([2]));
    }

    [Fact]
    public void Add_WrongIdOrSize_IsRefused()
    {
        ConfusionMatrix matrix = new(Three);

        Assert.Equal(Failure.BadInput, Assert.Throws<CloudsException>(() => matrix.Add(Row(3), Row(0))).Failure);
        Assert.Contains("id 9", Assert.Throws<CloudsException>(() => matrix.Add(Row(0), Row(9))).Message);
        Assert.Contains("1 x 1 and 2 x 1", Assert.Throws<CloudsException>(() => matrix.Add(Row(0), Row(0, 0))).Message);
    }

    private static LabelMap Row(params ushort[] ids) => new(ids.Length, 1, ids);
}
