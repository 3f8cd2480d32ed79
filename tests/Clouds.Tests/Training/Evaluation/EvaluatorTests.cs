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

    // Counted pixel by pixel, at the size at which the network saw the image, labels by Pillow's rule.
    [Theory]
    [InlineData(GroundTruthSpace.Auto, true, true)]
    [InlineData(GroundTruthSpace.Auto, false, false)]
    [InlineData(GroundTruthSpace.Original, true, false)]
    [InlineData(GroundTruthSpace.Resized, false, true)]
    public void Run_Space_IsThatOfTheSetUnlessToldOtherwise(GroundTruthSpace asked, bool scoredResized, bool resized)
    {
        Wide data = new(scoredResized);
        using Segmenter segmenter = Segmenter.Load(TinyRun.Model, new SegmenterOptions { Device = ComputeDevice.Cpu, ShortSide = 64 });
        EvaluationResult result = Evaluator.Run(segmenter, data, new EvaluationConfig { GtSpace = asked });
        Assert.Equal(resized ? GroundTruthSpace.Resized : GroundTruthSpace.Original, result.GtSpace);
        ConfusionMatrix plain = new(data.Classes);
        for (int i = 0; i < data.Count; i++)
        {
            Sample sample = data.Load(i);
            RgbImage seen = resized ? PillowResize.Bilinear(sample.Image, 96, 64) : sample.Image;
            LabelMap truth = resized ? new(96, 64, [.. Enumerable.Range(0, 96 * 64).Select(p => sample.Labels.Ids[
                ((int)(((p / 96) + 0.5) * 100 / 64) * 150) + (int)(((p % 96) + 0.5) * 150 / 96)])]) : sample.Labels;
            plain.Add(segmenter.Segment(seen).Map, truth);
        }

        Assert.Equal(plain.Counts.ToArray(), result.Counts.Matrix.Counts.ToArray());
    }

    [Fact]
    public void Run_Shares_AddUpToTheWholeSet()
    {
        IDataset data = DatasetSource.Open("streets:rain?count=5&width=64&height=64&split=test");
        EvaluationConfig config = new() { Synthia16 = Synthia16Rule.Restrict };
        using Segmenter segmenter = Segmenter.Load(TinyRun.Model, new SegmenterOptions { Device = ComputeDevice.Cpu });
        EvaluationResult whole = Evaluator.Run(segmenter, data, config);
        EvaluationResult[] shares = [.. Enumerable.Range(0, 3).Select(rank => Evaluator.Run(segmenter, data, config, share: new Share(rank, 3)))];
        Assert.Equal([2, 2, 1], shares.Select(share => share.Images.Count));
        EvaluationResult merged = EvaluationResult.Merge(data, shares);
        Assert.Equal(whole.Images.Select(image => (image.Name, image.MeanIou)), merged.Images.Select(image => (image.Name, image.MeanIou)));
        Assert.Equal((whole.Scores.MeanIou, whole.Synthia16), (merged.Scores.MeanIou, merged.Synthia16));
        Assert.Equal(whole.Boundary!.ClassIou, merged.Boundary!.ClassIou);
        Assert.Throws<ArgumentException>(() => whole.Counts.Merge(new EvaluationCounts(data.Classes)));
    }

    // Acceptance check 14 of method.md: nothing is added by an image without labels; a class that is only answered is not in the mean, its pixels are missed.
    [Fact]
    public void RunPredictions_UnlabelledImageAndAClassThatIsOnlyAnswered_FollowTheRule()
    {
        LabelPng.WriteGray8(_folder["a.png"], new LabelMap(2, 2, [0, 0, 0, 5]));
        LabelPng.WriteGray8(_folder["void.png"], new LabelMap(2, 2, [1, 2, 3, 4]));
        EvaluationResult result = Evaluator.RunPredictions(_folder.Path, new Named("a", "void"));
        Assert.Equal((0.75, 0.75, 4L), (result.Scores.MeanIou!.Value, result.Scores.PixelAccuracy!.Value, result.Scores.Pixels));
        Assert.Null(result.Scores.Classes[5].Iou);
        Assert.Null(result.Images[1].MeanIou);
        Assert.Equal(0, result.Counts.Matrix.Predicted(1));
    }

    [Fact]
    public void Findings_EveryAnswerTheSame_AreTold()
    {
        LabelPng.WriteGray8(_folder["a.png"], new LabelMap(2, 2, [7, 7, 7, 7]));
        Assert.Contains(Evaluator.RunPredictions(_folder.Path, new Named("a")).Findings(),
            sentence => sentence.StartsWith("the answer is traffic sign for 100.0 %", StringComparison.Ordinal));
    }

    // Images of 150 x 100 pixels with labels in noise.
    private sealed class Wide(bool scoredResized) : IDataset
    {
        public string Name => "wide";

        public int Count => 2;

        public ClassSet Classes => ClassSet.Cityscapes;

        public bool ScoredResized => scoredResized;

        public RgbImage LoadImage(int index) => Pictures.Noise(150, 100, (ulong)index);

        public Sample Load(int index) => new(LoadImage(index), Pictures.Labels(150, 100, 19, (ulong)index), $"{index}");

        public string SampleName(int index) => $"{index}";
    }

    // All labels are class 0, those of "void" are ignored.
    private sealed class Named(params string[] names) : IDataset
    {
        public string Name => "named";

        public int Count => names.Length;

        public ClassSet Classes => ClassSet.Cityscapes;

        public RgbImage LoadImage(int index) => Load(index).Image;

        public Sample Load(int index) => new(new RgbImage(2, 2), Pictures.Plain(2, 2, names[index] == "void" ? (ushort)255 : (ushort)0), names[index]);

        public string SampleName(int index) => names[index];
    }
}
