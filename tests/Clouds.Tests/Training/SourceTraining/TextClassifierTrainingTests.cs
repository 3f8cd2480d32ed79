using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Clip;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;
using Clouds.Tests.Models.Encoders;
using Clouds.Tests.Native.Tokenizers;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;
using Clouds.Training.Streets;

namespace Clouds.Tests.Training.SourceTraining;

/// <summary>The text classifier from CLIP's file to a segmented image.</summary>
[Kind(TestKind.Fast)]
public sealed class TextClassifierTrainingTests : IDisposable
{
    private const int Embedding = 6;

    private static readonly ClipTextConfig Tower = new() { Width = 8, Heads = 1, Layers = 2, Context = 77, Vocabulary = 519 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ConvNeXtConfig.Kind, false, false)]
    [InlineData(ConvNeXtConfig.Kind, false, true)]
    [InlineData(ConvNeXtConfig.Kind, true, true)]
    [InlineData(ClipResNetConfig.Kind, false, true)]
    [InlineData(ClipResNetConfig.Kind, true, true)]
    public void Run_TextClassifier_GivesAModelThatSegmentsWithoutTheTower(string kind, bool trainable, bool ensemble)
    {
        SourceTrainingConfig config = Config(kind, trainable, ensemble);
        RunFolder run = Train(config);
        using (WeightSource model = WeightSource.Open(run.Model))
        {
            ModelDescription description = ModelDescription.Read(model);
            Assert.Equal(["road", "railroad"], description.ClassSynonyms[0]);
            Assert.Equal([description.ClassSynonyms.Sum(names => names.Count), Embedding], model.Entry(TextBank.Parameter).Shape);
            Assert.All(model.ReadFloats(TextBank.Parameter).Chunk(Embedding), row => Assert.Equal(1, row.Sum(x => x * x), 1e-5));
            Assert.NotEqual(Math.Log(1 / 0.07), model.ReadFloats("sem_seg_head.predictor.logit_scale")[0], 1e-6);
            Assert.DoesNotContain(model.Tensors.Keys, name => name.Contains("resblocks", StringComparison.Ordinal));
            Assert.Equal(ensemble, model.Tensors.ContainsKey("backbone.clip_model.logit_scale"));
        }

        using Segmenter segmenter = Segmenter.Load(run.Model);
        Assert.Equal(96 * 64, segmenter.Segment(new RgbImage(96, 64)).Labels.Length);
    }

    [Fact]
    public void Embeddings_OnAnyNumberOfThreads_AreTheSameBits()
    {
        SourceTrainingConfig config = Config(ConvNeXtConfig.Kind, trainable: false, ensemble: false);
        float[] Rows(int threads) => ClassEmbeddings.Of(["road", "zebra"], config, Device.Cpu, new() { Threads = threads }, CancellationToken.None).Rows;
        float[] rows = Rows(1);
        Assert.Equal(3 * Embedding, rows.Length);
        Assert.Equal(rows, Rows(2));
    }

    [Fact]
    public void Run_FileWithoutATextTower_IsRefusedByItsName()
    {
        SourceTrainingConfig config = Config(ConvNeXtConfig.Kind, trainable: false, ensemble: false);
        WriteClip(config, withTower: false);
        CloudsException e = Assert.Throws<CloudsException>(() => Train(config));
        Assert.Equal(Failure.Weights, e.Failure);
        Assert.Contains("no text tower", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_VocabularyOfAnotherTower_IsRefused()
    {
        SourceTrainingConfig config = Config(ConvNeXtConfig.Kind, trainable: false, ensemble: false);
        CloudsException e = Assert.Throws<CloudsException>(() => Train(config with { Encoder = config.Encoder with { Vocabulary = "" } }));
        Assert.Equal(Failure.Usage, e.Failure);
        Assert.Contains("49408", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linear", "geometricEnsemble")]
    [InlineData("no weights", "encoder.weights")]
    [InlineData("no clip", "encoder.kind")]
    public void Run_SettingsThatDoNotFit_AreNamed(string fault, string key)
    {
        SourceTrainingConfig config = Config(ConvNeXtConfig.Kind, trainable: false, ensemble: true);
        config = fault switch
        {
            "linear" => config with { Network = config.Network with { Classifier = ClassifierKind.Linear } },
            "no weights" => config with { Encoder = config.Encoder with { Weights = "" } },
            _ => config with { Network = config.Network with { Encoder = EncoderGradientsTests.Tiny[MixTransformerConfig.Kind] } },
        };
        CloudsException e = Assert.Throws<CloudsException>(() => Train(config));
        Assert.Equal(Failure.Usage, e.Failure);
        Assert.Contains(key, e.Where, StringComparison.Ordinal);
    }

    private RunFolder Train(SourceTrainingConfig config)
    {
        RunFolder run = new(_folder["run"]);
        StreetDataset data = new(new StreetDatasetConfig { Count = 1, Width = 96, Height = 64 });
        new SourceTrainer(config, new TrainingData("streets", data), run, Device.Cpu).Run();
        return run;
    }

    private SourceTrainingConfig Config(string kind, bool trainable, bool ensemble)
    {
        EncoderConfig tiny = EncoderGradientsTests.Tiny[kind];
        SourceTrainingConfig small = SourceTrainingConfig.Small;
        SourceTrainingConfig config = small with
        {
            Steps = 2,
            Batch = 1,
            Augmentation = small.Augmentation with { CropHeight = 64, CropWidth = 64 },
            Encoder = small.Encoder with { Trainable = trainable, Weights = _folder["clip.safetensors"], Vocabulary = _folder["merges"] },
            Network = new MaskFormerConfig
            {
                Encoder = tiny is ConvNeXtConfig convNeXt ? convNeXt with { Embedding = Embedding } : tiny,
                PixelDecoder = new() { Width = 32, MaskWidth = 32, Layers = 1, Heads = 4, FeedForward = 32 },
                TransformerDecoder = new() { Width = 32, MaskWidth = 32, Queries = 20, Layers = 1, Heads = 4, FeedForward = 32 },
                Classifier = ClassifierKind.Text,
                GeometricEnsemble = ensemble,
            },
            TestShortSide = 64,
        };
        File.WriteAllText(_folder["merges"], SmallVocabulary.MergeText);
        WriteClip(config, withTower: true);
        return config;
    }

    // A whole CLIP of start values under a CLOUDS checkpoint's names.
    private static void WriteClip(SourceTrainingConfig config, bool withTower)
    {
        GraphBuilder g = new("clip");
        MaskFormerConfig network = config.Network with { Classifier = ClassifierKind.Text, GeometricEnsemble = true };
        MaskFormer former = new(network, 1, text: TextBank.InFile([1], network.Encoder.Create()));
        former.Answer(g, g.Input("image", ElementType.Float, [1, 3, 32, 32]));
        if (withTower)
        {
            using IDisposable scope = g.Scope(former.Encoder.Scope);
            new ClipText(Tower, Embedding).Build(g, g.Input("tokens", ElementType.Int64, [1, Tower.Context]));
        }

        Parameter[] clip = [.. g.Parameters.Where(p => p.IsRead && p.Name.StartsWith(former.Encoder.Scope, StringComparison.Ordinal))];
        using SafetensorsWriter writer = new(config.Encoder.Weights, [.. clip.Select(p => new TensorDeclaration(p.Name, WeightType.F32, p.Shape.Sizes))]);
        foreach (Parameter parameter in clip)
        {
            writer.Write(parameter.Name, parameter.Initialize(4));
        }

        writer.Commit();
    }
}
