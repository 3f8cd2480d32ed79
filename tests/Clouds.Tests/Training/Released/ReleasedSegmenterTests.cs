using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;
using Clouds.Tests.Graph.Weights.Torch;
using Clouds.Tests.Native.Tokenizers;
using Clouds.Training.Released;

namespace Clouds.Tests.Training.Released;

/// <summary>From a released checkpoint to a segmented image.</summary>
[Kind(TestKind.Fast)]
public sealed class ReleasedSegmenterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _told = [];

    private string Checkpoint => _folder["checkpoint.pth"];

    private string Model => _folder["model.safetensors"];

    private ReleaseOptions Options => new() { Vocabulary = _folder["merges"], ShortSide = 0 };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ConvNeXtConfig.Kind, 20)]
    [InlineData(ConvNeXtConfig.Kind, 250)]
    [InlineData(ClipResNetConfig.Kind, 20)]
    [InlineData(ClipResNetConfig.Kind, 250)]
    public void Write_CheckpointWithTheTextClassifier_IsAModelThatSegmentsWithoutTheTower(string kind, int queries)
    {
        MaskFormerConfig network = TinyCheckpoint.Network(Encoder(kind), text: true, queries);
        PublishedContainer.Zip(Checkpoint, TinyCheckpoint.Clouds(network), "model");
        ModelDescription description = Write(Options);
        Assert.Equal(Text(network), Text(description.Network));
        Assert.Equal(ClassSet.Cityscapes.Names, description.ClassNames);
        Assert.Equal(["sidewalk", "pavement"], description.ClassSynonyms[1]);
        Assert.Equal(60, description.ClassSynonyms.Sum(names => names.Count));
        using (WeightSource model = WeightSource.Open(Model))
        {
            Assert.Equal([60, TinyCheckpoint.Embedding], model.Entry(TextBank.Parameter).Shape);
            Assert.All(model.ReadFloats(TextBank.Parameter).Chunk(TinyCheckpoint.Embedding), row => Assert.Equal(1, row.Sum(x => x * x), 1e-5));
            Assert.DoesNotContain(model.Tensors.Keys, name => ((string[])["resblocks", "_ema", "criterion"]).Any(name.Contains));
            Assert.Equal(network.GeometricEnsemble, model.Tensors.ContainsKey("backbone.clip_model.logit_scale"));
            AssertSameElements(model);
        }

        using Segmenter segmenter = Segmenter.Load(Model);
        Assert.Equal(96 * 64, segmenter.Segment(new RgbImage(96, 64)).Labels.Length);
        Assert.Empty(_told);
    }

    [Fact]
    public void Write_CheckpointWithTheLinearClassifier_HasNoRowsOfNames()
    {
        MaskFormerConfig network = TinyCheckpoint.Network(TinyCheckpoint.ConvNeXt, text: false);
        PublishedContainer.Zip(Checkpoint, TinyCheckpoint.Clouds(network));
        ModelDescription description = Write(Options);
        Assert.Equal(Text(network), Text(description.Network));
        Assert.Empty(description.ClassSynonyms);
        using (WeightSource model = WeightSource.Open(Model))
        {
            Assert.DoesNotContain(model.Tensors.Keys, name => name.Contains("void", StringComparison.Ordinal) || name == TextBank.Parameter);
            AssertSameElements(model);
        }

        using Segmenter segmenter = Segmenter.Load(Model);
        Assert.Equal(64 * 64, segmenter.Segment(new RgbImage(64, 64)).Labels.Length);
    }

    [Fact]
    public void Write_Mask2FormerOfTheModelZoo_HasOurNamesAndItsColours()
    {
        MaskFormerConfig network = TinyCheckpoint.Network(TinyCheckpoint.ResNet, text: false);
        PublishedContainer.Arrayed(Checkpoint, TinyCheckpoint.Mask2Former(network, 7), "model");
        ModelDescription description = Write(Options);
        Assert.Equal(Text(network), Text(description.Network));
        Assert.Equal(ColourStatistics.ImageNet, description.Normalisation);
        Assert.Equal(["class 0", "class 6"], [description.ClassNames[0], description.ClassNames[^1]]);
        Assert.Contains("nothing names the 7 classes", Assert.Single(_told), StringComparison.Ordinal);
        using WeightSource model = WeightSource.Open(Model);
        using WeightSource theirs = WeightSource.Open(Checkpoint);
        Assert.Equal(theirs.ReadFloats("model.backbone.res3.0.shortcut.norm.weight"), model.ReadFloats("backbone.layer2.0.downsample.1.weight"));
        Assert.Equal(theirs.ReadFloats("model.backbone.stem.conv1.weight"), model.ReadFloats("backbone.conv1.weight"));
        using Segmenter segmenter = Segmenter.Load(Model);
        Assert.Equal(64 * 64, segmenter.Segment(new RgbImage(64, 64)).Labels.Length);
    }

    [Fact]
    public void Write_OtherClasses_AreEmbeddedInTheirPlace()
    {
        PublishedContainer.Zip(Checkpoint, TinyCheckpoint.Clouds(TinyCheckpoint.Network(TinyCheckpoint.ConvNeXt, text: true)), "model");
        ClassList animals = ClassList.Named([["cat", "kitten"], ["dog"], ["road"]]);
        ModelDescription description = Write(Options with { Classes = animals, Metadata = new Dictionary<string, string> { ["licence"] = "MIT" } });
        using (WeightSource model = WeightSource.Open(Model))
        {
            Assert.Equal("MIT", model.Metadata["licence"]);
        }

        Assert.Equal(["cat", "dog", "road"], description.ClassNames);
        Assert.Equal(["cat", "kitten", "dog", "road", "railroad"], description.ClassSynonyms.SelectMany(names => names));
        using Segmenter segmenter = Segmenter.Load(Model);
        Assert.All(segmenter.Segment(new RgbImage(64, 64)).Labels, label => Assert.InRange(label, 0, 2));
    }

    [Fact]
    public void Write_ClassesThatTheNetworkNeverSaw_ListenMoreToClip()
    {
        PublishedContainer.Zip(Checkpoint, TinyCheckpoint.Clouds(TinyCheckpoint.Network(TinyCheckpoint.ConvNeXt, text: true, 250)), "model");
        ReleaseOptions options = Options with { Classes = ClassList.Named([["cat"], ["dog", "railroad"]]) };
        Assert.Empty(Write(options).UnseenClasses);
        Assert.Contains("trained with 19 classes and answers with 2", Assert.Single(_told), StringComparison.Ordinal);
        Assert.Equal([0], Write(options with { TrainedOn = ClassList.Cityscapes }).UnseenClasses);
        using Segmenter segmenter = Segmenter.Load(Model);
        Assert.Equal(64 * 64, segmenter.Segment(new RgbImage(64, 64)).Labels.Length);
    }

    [Fact]
    public void Write_AsManyClassesAsTheLinearClassifierHasNot_IsRefused()
    {
        PublishedContainer.Zip(Checkpoint, TinyCheckpoint.Clouds(TinyCheckpoint.Network(TinyCheckpoint.ConvNeXt, text: false), 7));
        CloudsException e = Assert.Throws<CloudsException>(() => Write(Options with { Classes = ClassList.Cityscapes }));
        Assert.Equal((Failure.Usage, "19 classes"), (e.Failure, e.Found));
        e = Assert.Throws<CloudsException>(() => Write(Options with { GeometricEnsemble = true }));
        Assert.Equal(Failure.Usage, e.Failure);
        Assert.False(File.Exists(Model));
    }

    [Fact]
    public void Write_CheckpointThatLacksTensors_NamesThemAll()
    {
        IReadOnlyList<TensorDeclaration> whole = TinyCheckpoint.Clouds(TinyCheckpoint.Network(TinyCheckpoint.ConvNeXt, text: true));
        PublishedContainer.Zip(Checkpoint, [.. whole.Where(tensor => tensor.Name is not ("void_embedding.weight" or "sem_seg_head.predictor.logit_scale"))]);
        CloudsException e = Assert.Throws<CloudsException>(() => Write(Options));
        Assert.Equal(Failure.Weights, e.Failure);
        Assert.Contains("2 missing", e.Message, StringComparison.Ordinal);
        Assert.Contains("void_embedding.weight", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_TextClassifierWithoutItsTower_SaysWhatIsWanted()
    {
        IReadOnlyList<TensorDeclaration> whole = TinyCheckpoint.Clouds(TinyCheckpoint.Network(TinyCheckpoint.ConvNeXt, text: true));
        PublishedContainer.Zip(Checkpoint, [.. whole.Where(tensor => !tensor.Name.Contains("token_embedding", StringComparison.Ordinal))]);
        CloudsException e = Assert.Throws<CloudsException>(() => Write(Options));
        Assert.Contains("no text tower", e.Message, StringComparison.Ordinal);
        PublishedContainer.Zip(_folder["clip.pth"], [.. whole.Where(tensor => tensor.Name.StartsWith("backbone", StringComparison.Ordinal))]);
        Assert.Equal(19, Write(Options with { Clip = _folder["clip.pth"] }).ClassNames.Count);
    }

    [Fact]
    public void Open_FileWithoutASegmenter_IsNothing()
    {
        PublishedContainer.Zip(Checkpoint, [new("visual.layer1.0.conv1.weight", WeightType.F32, [4, 4])]);
        Assert.Null(ReleasedSegmenter.Open(Checkpoint));
    }

    [Theory]
    [InlineData("patch_embed.proj.weight")]
    [InlineData(null)]
    public void Open_HeadOnAnotherEncoder_SaysWhichAreKnown(string? backbone)
    {
        IEnumerable<TensorDeclaration> head = TinyCheckpoint.Mask2Former(TinyCheckpoint.Network(TinyCheckpoint.ResNet, text: false))
            .Where(tensor => !tensor.Name.StartsWith("backbone.", StringComparison.Ordinal));
        TensorDeclaration[] other = backbone is null ? [] : [new($"backbone.{backbone}", WeightType.F32, [2, 2])];
        PublishedContainer.Zip(Checkpoint, [.. head, .. other]);
        CloudsException e = Assert.Throws<CloudsException>(() => ReleasedSegmenter.Open(Checkpoint));
        Assert.Equal(Failure.Weights, e.Failure);
        Assert.Contains("convnext_l", e.Message, StringComparison.Ordinal);
    }

    private static EncoderConfig Encoder(string kind) => kind == ConvNeXtConfig.Kind ? TinyCheckpoint.ConvNeXt : TinyCheckpoint.ClipResNet;

    private ModelDescription Write(ReleaseOptions options)
    {
        File.WriteAllText(_folder["merges"], SmallVocabulary.MergeText);
        using ReleasedSegmenter released = Assert.IsType<ReleasedSegmenter>(ReleasedSegmenter.Open(Checkpoint));
        return released.Write(Model, options, Device.Cpu, _told.Add);
    }

    // Every tensor of the model but the rows of names is the checkpoint's, bit by bit.
    private void AssertSameElements(WeightSource model)
    {
        using WeightSource theirs = WeightSource.Open(Checkpoint);
        string below = theirs.Tensors.ContainsKey("criterion.empty_weight") ? "" : "model.";
        Dictionary<string, string> digests = TensorDigest.Of(theirs, null, CancellationToken.None).ToDictionary(tensor => tensor.Name, tensor => tensor.Sha256);
        Assert.All(TensorDigest.Of(model, null, CancellationToken.None).Where(tensor => tensor.Name != TextBank.Parameter),
            tensor => Assert.Equal(digests[below + tensor.Name], tensor.Sha256));
    }

    private static string Text(MaskFormerConfig config) => System.Text.Json.JsonSerializer.Serialize(config);
}
