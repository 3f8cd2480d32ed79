using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Tests.Cli.Commands;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;
using Clouds.Training.Evaluation;

namespace Clouds.Tests.Training.Evaluation;

[Kind(TestKind.Fast)]
public sealed class EvaluatorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_Segmenter_GivesTheScoresOfItsWrittenAnswers()
    {
        IDataset data = DatasetSource.Open("streets:rain?count=2&width=64&height=64&split=test");
        using Segmenter segmenter = Segmenter.Load(TinyRun.Model, new SegmenterOptions { Device = ComputeDevice.Cpu });
        for (int i = 0; i < data.Count; i++)
        {
            SegmentationResult answer = segmenter.Segment(data.Load(i).Image);
            LabelPng.WriteGray8(_folder[$"{data.SampleName(i)}.png"], new LabelMap(answer.Width, answer.Height, answer.Labels));
        }

        EvaluationResult direct = Evaluator.Run(segmenter, data);
        EvaluationResult written = Evaluator.RunPredictions(_folder.Path, data);
        Assert.Equal(written.Scores.MeanIou, direct.Scores.MeanIou);
        Assert.Equal(written.Images.Select(image => image.PixelAccuracy), direct.Images.Select(image => image.PixelAccuracy));
        Assert.NotNull(direct.SecondsPerImage);
        Assert.Null(written.SecondsPerImage);
    }

    [Fact]
    public void RunPredictions_NestedNamesThatShareTheirLastPart_AreKeptApart()
    {
        LabelPng.WriteGray8(_folder["x/a.png"], new LabelMap(2, 2, [0, 0, 0, 0]));
        LabelPng.WriteGray8(_folder["a.png"], new LabelMap(2, 2, [1, 1, 1, 1]));
        CloudsException failure = Assert.Throws<CloudsException>(() => Evaluator.RunPredictions(_folder.Path, new Named("x/a", "y/a")));
        Assert.Equal(Failure.BadInput, failure.Failure);
        Assert.Contains("no file for y/a", failure.Message, StringComparison.Ordinal);

        LabelPng.WriteGray8(_folder["y/a.labels.png"], new LabelMap(2, 2, [1, 1, 1, 1]));
        EvaluationResult result = Evaluator.RunPredictions(_folder.Path, new Named("x/a", "y/a"));
        Assert.Equal([1.0, 0.0], result.Images.Select(image => image.PixelAccuracy!.Value));
    }

    [Fact]
    public void RunPredictions_NameWithoutItsFolder_IsFoundWhereItIsTheOnlyOne()
    {
        LabelPng.WriteGray8(_folder["a.png"], new LabelMap(2, 2));
        Assert.Equal(1.0, Evaluator.RunPredictions(_folder.Path, new Named("x/a")).Scores.PixelAccuracy);
    }

    // All labels are class 0.
    private sealed class Named(params string[] names) : IDataset
    {
        public string Name => "named";

        public int Count => names.Length;

        public ClassSet Classes => ClassSet.Cityscapes;

        public RgbImage LoadImage(int index) => Load(index).Image;

        public Sample Load(int index) => new(new RgbImage(2, 2), new LabelMap(2, 2), names[index]);

        public string SampleName(int index) => names[index];
    }
}
