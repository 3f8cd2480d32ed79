using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Clip;
using Clouds.Models.Encoders;
using Clouds.Models.Layers;
using Clouds.Native.Catalogue;
using Clouds.Native.Tokenizers;

namespace Clouds.Native.Generation.Store;

/// <summary>Both towers of a CLIP, as the extents of its weights and what lies beside them tell, and its vocabulary.</summary>
internal sealed class ClipTowers
{
    /// <summary>Ports of the graphs.</summary>
    public const string Image = "image", Tokens = "tokens", Embedding = "embedding";

    private const string OurNames = "clouds";
    private const int LargeSide = 320;
    private const int UsualSide = 256;

    private readonly IClipEncoder _encoder;

    private ClipTowers(EncoderConfig encoder, ClipTextConfig text, OpenClipSettings beside, ClipTokenizer tokenizer)
    {
        _encoder = (IClipEncoder)encoder.Create();
        (Text, Tokenizer, Frame) = (text, tokenizer, FrameOf(encoder, beside.Frame));
    }

    /// <summary>Sizes of the text tower.</summary>
    public ClipTextConfig Text { get; }

    /// <summary>Its vocabulary.</summary>
    public ClipTokenizer Tokenizer { get; }

    /// <summary>What the image encoder looks at.</summary>
    public ClipFrame Frame { get; }

    /// <summary>E, width of the embedding.</summary>
    public int Width => _encoder.Embedding;

    /// <summary>The files with their digests.</summary>
    public required IReadOnlyList<ImportedFile> Files { get; init; }

    /// <summary>Looks at a file or folder.</summary>
    /// <exception cref="CloudsException">Weights: it holds no CLIP of ours, or its vocabulary or settings do not fit.</exception>
    public static ClipTowers Find(string path)
    {
        path = CarriedWeights.PathOf(path);
        using WeightSource source = WeightSource.Open(path);
        EncoderConfig encoder = Encoder(source) is { } found && found.Misfit() is null && found.Create() is IClipEncoder ? found
            : throw NoClip(path, "no image encoder of a CLIP");
        bool quick = ((IClipEncoder)encoder.Create()).QuickGelu;
        ClipTextConfig text = ClipTextConfig.Find(source, quick)?.Config ?? throw NoClip(path, "no text tower");
        string folder = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        OpenClipSettings beside = OpenClipSettings.In(folder);
        return new ClipTowers(encoder, Fitting(beside.Of(text), folder), beside, Vocabulary(folder, text))
        {
            Files = [.. source.Files.Where(file => file.OnDisk).Select(file => ImportedFile.Of(file.Path))],
        };
    }

    /// <summary>An image [1, 3, H, W] to its embedding [1, E], of length 1.</summary>
    public GraphBuilder ImageGraph()
    {
        GraphBuilder g = new("image tower");
        Value image = g.Input(Image, ElementType.Float, [1, 3, Frame.Height, Frame.Width]);
        using IDisposable scope = g.Scope(_encoder.Scope);
        Value c5 = _encoder.Build(g, image).C5;
        g.Output(Embedding, UnitLength.Of(g, _encoder is ClipResNet pooling ? pooling.Embed(g, c5) : ConvNeXt.Embed(g, g.GlobalAveragePool(c5), Width)));
        return g;
    }

    /// <summary>Tokens [1, L] to their embedding [1, E], of length 1.</summary>
    public GraphBuilder TextGraph()
    {
        GraphBuilder g = new("text tower");
        Value tokens = g.Input(Tokens, ElementType.Int64, [1, Text.Context]);
        using IDisposable scope = g.Scope(_encoder.Scope);
        g.Output(Embedding, UnitLength.Of(g, new ClipText(Text, Width).Build(g, tokens)));
        return g;
    }

    private static EncoderConfig? Encoder(WeightSource source)
    {
        (string dialect, string below) = NameMap.Recognise(source.Tensors.Keys) ?? (OurNames, "");
        NamedTensors named = new(source, NameMap.Of(dialect), below);
        return EncoderConfig.Find(new TensorShapes(named.ByName.ToDictionary(pair => pair.Key, pair => pair.Value.Shape, StringComparer.Ordinal)));
    }

    // Positions of an attention pool fix the size. OpenCLIP trained its ConvNeXts at 256 pixels, the paper's at 320 (convnext_large_d_320).
    private static ClipFrame FrameOf(EncoderConfig encoder, ClipFrame? told) => encoder switch
    {
        ClipResNetConfig pooling => new ClipFrame(pooling.Resolution, pooling.Resolution),
        _ when told is ClipFrame frame => frame,
        ConvNeXtConfig next when next.Widths.SequenceEqual(ConvNeXtConfig.Large.Widths) => new ClipFrame(LargeSide, LargeSide),
        _ => new ClipFrame(UsualSide, UsualSide),
    };

    private static ClipTextConfig Fitting(ClipTextConfig text, string folder) => text.Width % text.Heads == 0 ? text : throw new CloudsException(
        Failure.Weights, "the settings of a CLIP do not fit its weights", Path.Combine(folder, OpenClipSettings.FileName), $"{text.Heads} heads",
        $"a divisor of the text tower's width, {text.Width}", "take the file that came with the weights");

    private static ClipTokenizer Vocabulary(string folder, ClipTextConfig text)
    {
        string own = Path.Combine(folder, "tokenizer");
        ClipTokenizer tokenizer = Directory.Exists(own) ? ClipTokenizer.Load(own) : ClipTokenizer.Default;
        return tokenizer.Count == text.Vocabulary ? tokenizer : throw new CloudsException(
            Failure.Weights, "the vocabulary and the text tower do not fit", Directory.Exists(own) ? own : folder, $"{tokenizer.Count} tokens",
            $"{text.Vocabulary}, as many as the tower has", "put the CLIP's own vocabulary into the folder tokenizer beside its weights");
    }

    private static CloudsException NoClip(string path, string found) => new(
        Failure.Weights, "the file holds no CLIP that can be used", path, found, "a CLIP as a whole: image encoder (ConvNeXt or ResNet) and text tower",
        "give what `clouds train clip` writes, or a CLIP of OpenCLIP's with a ConvNeXt");
}
