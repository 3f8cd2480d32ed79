using Clouds.Graph.Weights;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;
using Clouds.Tests.Models.Encoders;
using Clouds.Training.Augmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;
using Clouds.Training.Streets;

namespace Clouds.Tests.Training.SourceTraining;

/// <summary>Every kind of encoder from the first step to a segmented image.</summary>
[Kind(TestKind.Fast)]
public sealed class EncoderKindsTests
{
    public static TheoryData<string, bool> KindsFrozenAndTrained =>
        [.. EncoderTests.Kinds.SelectMany(kind => new TheoryDataRow<string, bool>[] { new(kind.Data, false), new(kind.Data, true) })];

    [Theory]
    [MemberData(nameof(KindsFrozenAndTrained))]
    public void Run_AnyKindOfEncoder_GivesAModelThatSegmentsWithTheSameColourStatistics(string kind, bool trainable)
    {
        using TemporaryFolder folder = new();
        RunFolder run = new(folder["run"]);
        SourceTrainingConfig config = Config(EncoderGradientsTests.Tiny[kind], trainable);
        StreetDataset data = new(new StreetDatasetConfig { Count = 1, Width = 96, Height = 64 });
        new SourceTrainer(config, new TrainingData("streets", data), run, Device.Cpu).Run();

        using (WeightSource model = WeightSource.Open(run.Model))
        {
            ModelDescription description = ModelDescription.Read(model);
            Assert.Equal(config.Network.Encoder.Create().Colours.Mean, description.Normalisation.Mean);
            AssertStatisticsAsAtTheStart(model);
        }

        using Segmenter segmenter = Segmenter.Load(run.Model);
        Assert.Equal(96 * 64, segmenter.Segment(new RgbImage(96, 64)).Labels.Length);
    }

    private static void AssertStatisticsAsAtTheStart(WeightSource model)
    {
        foreach (string name in model.Tensors.Keys.Where(name => name.Contains("running_", StringComparison.Ordinal)))
        {
            float start = name.EndsWith("running_var", StringComparison.Ordinal) ? 1 : 0;
            Assert.All(model.ReadFloats(name), value => Assert.Equal(start, value));
        }
    }

    private static SourceTrainingConfig Config(EncoderConfig encoder, bool trainable) => SourceTrainingConfig.Small with
    {
        Steps = 2,
        Batch = 1,
        Augmentation = SourceTrainingConfig.Small.Augmentation with { CropHeight = 64, CropWidth = 64 },
        Encoder = SourceTrainingConfig.Small.Encoder with { Trainable = trainable },
        Network = new MaskFormerConfig
        {
            Encoder = encoder,
            PixelDecoder = new() { Width = 32, MaskWidth = 32, Layers = 1, Heads = 4, FeedForward = 32 },
            TransformerDecoder = new() { Width = 32, MaskWidth = 32, Queries = 20, Layers = 1, Heads = 4, FeedForward = 32 },
        },
        TestShortSide = 64,
    };
}
