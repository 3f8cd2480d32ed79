using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Tests.Cli.Commands;
using Clouds.Training.Datasets;
using Clouds.Training.Evaluation;
using Clouds.Training.Sources;

namespace Clouds.Tests.Training.Evaluation;

[Kind(TestKind.Fast)]
public sealed class Synthia16Tests
{
    [Fact]
    public void Ids_Names_AreThoseThatSynthiaHas()
    {
        Assert.Equal(16, Synthia16.Ids.Count);
        Assert.Equal(["terrain", "truck", "train"], ClassSet.Cityscapes.Names.Where((_, id) => !Synthia16.Ids.Contains(id)));
    }

    [Fact]
    public void Best_Scores_PassesOverTheOtherThreeAndTakesTheLowestOfEquals()
    {
        float[] scores = new float[19 * 3];
        (scores[(9 * 3) + 0], scores[(4 * 3) + 0]) = (9, 1);
        (scores[(14 * 3) + 1], scores[(16 * 3) + 1], scores[(18 * 3) + 1]) = (3, 4, 0.5f);
        Assert.Equal(new ushort[] { 4, 18, 0 }, Synthia16.Best(scores, 3, 1).Ids);
    }

    // Both readings beside each other, each from scores of the whole computed in another way.
    [Fact]
    public void Run_Restrict_GivesBothMeans()
    {
        IDataset data = DatasetSource.Open("streets:rain?count=3&width=96&height=64&split=test");
        using Segmenter segmenter = Segmenter.Load(TinyRun.Model, new SegmenterOptions { Device = ComputeDevice.Cpu });
        ConfusionMatrix plain = new(data.Classes), restricted = new(data.Classes);
        for (int i = 0; i < data.Count; i++)
        {
            Sample sample = data.Load(i);
            SegmentationResult answer = segmenter.Segment(sample.Image, withScores: true);
            int pixels = answer.Labels.Length;
            plain.Add(answer.Map, sample.Labels);
            ushort[] best = [.. Enumerable.Range(0, pixels).Select(p => (ushort)Synthia16.Ids.MaxBy(id => answer.Scores![(id * pixels) + p]))];
            ushort[] truth = [.. sample.Labels.Ids.Select(id => Synthia16.Ids.Contains(id) ? id : (ushort)255)];
            restricted.Add(new LabelMap(96, 64, best), new LabelMap(96, 64, truth));
        }

        EvaluationResult result = Evaluator.Run(segmenter, data, new EvaluationConfig { Synthia16 = Synthia16Rule.Restrict });
        Assert.Equal(Mean(plain), result.Synthia16!.Mean!.Value, 12);
        Assert.Equal(Mean(restricted), result.Synthia16.Restricted!.Value, 12);
        Assert.Null(Evaluator.Run(segmenter, data).Synthia16!.Restricted);
    }

    [Fact]
    public void Synthia16_SetOfOtherClasses_HasNone()
    {
        EvaluationCounts counts = new(new ClassSet(["a"], [default]));
        Assert.Null(new EvaluationResult("set", GroundTruthSpace.Original, counts, [], [], null).Synthia16);
    }

    private static double Mean(ConfusionMatrix matrix) => Synthia16.Ids.Where(id => matrix.Truth(id) > 0)
        .Average(id => (double)matrix[id, id] / (matrix.Truth(id) + matrix.Predicted(id) - matrix[id, id]));
}
