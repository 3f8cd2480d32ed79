using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Catalogue;

namespace Clouds.Tests.Native.Catalogue;

/// <summary>Networks of sizes that nobody has published.</summary>
[Kind(TestKind.Fast)]
public sealed class ToldNetworkTests : IDisposable
{
    private static readonly ResNetConfig SmallResNet = new() { Blocks = [1, 2, 1, 1], Width = 4 };

    private readonly TemporaryFolder _folder = new();

    private string WeightPath => _folder["weights.bin"];

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string, string> Encoders => new()
    {
        { "torchvision", "net.", "encoder.blocks = [1,2,1,1], encoder.kind = resnet, encoder.width = 4" },
        { "segformer", "", "encoder.depths = [1,2,1,1], encoder.feedForward = [2,2,2,2], encoder.heads = [1,2,5,8], encoder.kind = mix_transformer, "
            + "encoder.reductions = [4,2,1,1], encoder.widths = [8,16,20,24]" },
        { "open_clip", "module.", "encoder.depths = [1,1,2,1], encoder.embedding = 768, encoder.kind = convnext, encoder.layerScale = 1E-06, "
            + "encoder.widths = [4,8,8,12]" },
        { "openai", "state_dict.", "encoder.blocks = [1,1,1,2], encoder.embedding = 1024, encoder.heads = 2, encoder.kind = clip_resnet, "
            + "encoder.resolution = 224, encoder.width = 4" },
    };

    [Theory]
    [MemberData(nameof(Encoders))]
    public void Encoder_IsToldWithItsSizesAndLoadsUnderOurNames(string dialect, string below, string words)
    {
        EncoderConfig config = dialect switch
        {
            "torchvision" => SmallResNet,
            "segformer" => new MixTransformerConfig
            {
                Depths = [1, 2, 1, 1], Widths = [8, 16, 20, 24], Reductions = [4, 2, 1, 1], FeedForward = [2, 2, 2, 2],
            },
            "open_clip" => new ConvNeXtConfig { Depths = [1, 1, 2, 1], Widths = [4, 8, 8, 12] },
            _ => new ClipResNetConfig { Blocks = [1, 1, 1, 2], Width = 4 },
        };
        int ours = config.Create().Scope.Length + 1;
        IReadOnlyCollection<Parameter> parameters = Parameters(config);
        string[] pool = dialect == "openai" ? ["visual.attnpool.q_proj.weight"] : [];
        Write(parameters, parameter => below + parameter.Name[ours..], pool.Select(name => below + name));
        using ModelImport import = ModelImport.Open(WeightPath);
        Assert.Equal((null, dialect, below), (import.Report.Entry, import.Report.Names, import.Report.Below));
        Assert.Equal(words, string.Join(", ", import.Report.Configuration.Select(pair => $"{pair.Key} = {pair.Value}").Order(StringComparer.Ordinal)));
        import.Write(_folder["out.safetensors"]);
        using FrozenWeights weights = FrozenWeights.Open(_folder["out.safetensors"], parameters);
        Assert.Equal(parameters.Count(parameter => parameter.IsRead), weights.Tensors.Count);
    }

    [Fact]
    public void Encoder_OfPublishedSizesAlone_IsToldByItsKey()
    {
        IReadOnlyDictionary<string, string> words = ToldConfiguration.Of(new ResNetConfig { Blocks = [3, 4, 23, 3] }, null);
        Assert.Equal([KeyValuePair.Create("encoder", "in_rn101")], words);
    }

    // A deeper network that lacks one tensor must not pass as a shallower one.
    [Theory]
    [InlineData("layer2.1.conv1.weight", TensorFaultKind.Unexpected, "backbone.layer2.1.bn1.weight")]
    [InlineData("layer3.0.bn2.bias", TensorFaultKind.Missing, "backbone.layer3.0.bn2.bias")]
    public void Encoder_ThatLacksATensor_IsRefused(string name, TensorFaultKind kind, string told)
    {
        Write([.. Parameters(SmallResNet).Where(parameter => parameter.Name != $"backbone.{name}")], parameter => parameter.Name["backbone.".Length..]);
        using ModelImport import = ModelImport.Open(WeightPath);
        Assert.Contains(import.Report.Faults, fault => fault.Kind == kind && fault.Name == told);
        CloudsException e = Assert.Throws<CloudsException>(() => import.Write(_folder["out.safetensors"]));
        Assert.Equal(Failure.Weights, e.Failure);
        Assert.False(File.Exists(_folder["out.safetensors"]));
    }

    [Fact]
    public void Segmenter_OfOtherSizesAndClasses_IsToldWithThem()
    {
        MaskFormerConfig config = MaskFormerConfig.Small with { Encoder = SmallResNet };
        GraphBuilder g = new("segmenter");
        new MaskFormer(config, 5).Answer(g, g.Input("image", ElementType.Float, [1, 3, 32, 32]));
        Write(g.Parameters, parameter => $"model.{parameter.Name}");
        using ModelImport import = ModelImport.Open(WeightPath);
        Assert.True(import.Report.IsUsable);
        Assert.Equal(("linear", "24", "5"),
            (import.Report.Configuration["classifier"], import.Report.Configuration["queries"], import.Report.Configuration["trainedClasses"]));
    }

    [Fact]
    public void File_ThatIsAModelOfOurs_IsNotImportedAgain()
    {
        Write(Parameters(SmallResNet), parameter => parameter.Name, metadata: new Dictionary<string, string> { [ModelDescription.MetadataKey] = "{}" });
        using ModelImport import = ModelImport.Open(WeightPath);
        Assert.Equal(Failure.Usage, Assert.Throws<CloudsException>(import.RequireUsable).Failure);
    }

    // The widths that a hostile file tells of fit no memory, and its tensors no width.
    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1 << 28)]
    [InlineData(0)]
    public void Encoder_OfAbsurdSizes_IsNotToldAsOneThatFits(int width)
    {
        IEnumerable<string> stages = Enumerable.Range(1, 4).Select(stage => $"layer{stage}.0.conv1.weight");
        string[] marks = ["conv1.weight", "bn1.running_mean", "layer1.0.downsample.0.weight", .. stages];
        using (SafetensorsWriter writer = new(WeightPath, [.. marks.Select(name => new TensorDeclaration(name, WeightType.F32, [width, 0]))]))
        {
            writer.Commit();
        }

        using ModelImport import = ModelImport.Open(WeightPath);
        Assert.Null(import.Report.Entry);
        Assert.True(import.Report.Configuration.Count == 0 || !import.Report.IsUsable);
    }

    private static IReadOnlyCollection<Parameter> Parameters(EncoderConfig config)
    {
        GraphBuilder g = new("encoder");
        using (g.Scope(config.Create().Scope))
        {
            config.Create().Build(g, g.Input("image", ElementType.Float, [1, 3, 64, 64]));
        }

        return g.Parameters;
    }

    private void Write(IReadOnlyCollection<Parameter> parameters, Func<Parameter, string> name, IEnumerable<string>? others = null,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        Parameter[] floats = [.. parameters.Where(parameter => parameter.Type == ElementType.Float)];
        TensorDeclaration[] more = [.. (others ?? []).Select(other => new TensorDeclaration(other, WeightType.F32, [0]))];
        using SafetensorsWriter writer = new(
            WeightPath, [.. floats.Select(parameter => new TensorDeclaration(name(parameter), WeightType.F32, [.. parameter.Shape.Sizes])), .. more], metadata);
        foreach (Parameter parameter in floats)
        {
            writer.Write(name(parameter), parameter.Initialize(1));
        }

        writer.Commit();
    }
}
