using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Weights;
using Clouds.Native.Catalogue;
using Clouds.Native.Images;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Generation.Store;

/// <summary>
/// A CLIP that says how well images show texts: the cosine of their embeddings (Radford et al. 2021). Not thread-safe. The device is opened when it is
/// first asked.
/// </summary>
public sealed class ClipScorer : IDisposable
{
    private readonly ClipTowers _towers;
    private readonly ClipScorerOptions _options;
    private readonly GraphBuilder _image, _text;
    private readonly SharedWeights _imageWeights, _textWeights;
    private readonly Dictionary<string, float[]> _texts = [];
    private readonly float[] _planes, _answer;
    private readonly long[] _tokens;

    private Device? _device;
    private GraphSession? _images, _words;

    private ClipScorer(string path, ClipTowers towers, ClipScorerOptions options)
    {
        (_towers, _options, _image, _text) = (towers, options, towers.ImageGraph(), towers.TextGraph());
        Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
        (_planes, _tokens, _answer) = (new float[3 * towers.Frame.Width * towers.Frame.Height], new long[towers.Text.Context], new float[towers.Width]);
        _imageWeights = new SharedWeights(FrozenWeights.Open(path, _image.Parameters));
        try
        {
            _textWeights = new SharedWeights(FrozenWeights.Open(path, _text.Parameters));
        }
        catch
        {
            _imageWeights.Dispose();
            throw;
        }
    }

    /// <summary>Name of its file or folder.</summary>
    public string Name { get; }

    /// <summary>Its weight files with their digests.</summary>
    public IReadOnlyList<ImportedFile> Files => _towers.Files;

    /// <summary>Opens a CLIP and checks every weight.</summary>
    /// <param name="path">
    /// What `clouds train clip` writes, file or folder, or a published CLIP whose image encoder is a ConvNeXt (OpenCLIP) or OpenAI's ResNet, with its text
    /// tower. Beside it, where they are there: open_clip_config.json (size of the images, heads) and the folder tokenizer.
    /// </param>
    /// <param name="options">Device and threads; null: defaults.</param>
    /// <exception cref="CloudsException">
    /// Usage: an option is out of range; Weights: missing, damaged, incomplete, or no such CLIP; Numeric: a weight is not finite; BadInput: its vocabulary is
    /// damaged.
    /// </exception>
    public static ClipScorer Load(string path, ClipScorerOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new ClipScorerOptions();
        options.Require();
        return new ClipScorer(path, ClipTowers.Find(path), options);
    }

    /// <summary>The embedding of an image, of length 1.</summary>
    /// <exception cref="CloudsException">Numeric: it is not finite; Device: the GPU that the options name does not work.</exception>
    public float[] Embed(RgbImage image, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ClipFrame frame = _towers.Frame;
        _images ??= Open(_image, _imageWeights, session => session.Bind<float>(ClipTowers.Image, _planes, 1, 3, frame.Height, frame.Width));
        frame.Write(image, _planes);
        return Run(_images, "an image", stop);
    }

    /// <summary>The embedding of a text, of length 1; texts that the tower cannot tell apart, as they differ behind its context, have the same array.</summary>
    /// <exception cref="CloudsException">As for images.</exception>
    public float[] Embed(string text, CancellationToken stop = default)
    {
        _towers.Tokenizer.Row(text, _towers.Text.Context).Ids.CopyTo(_tokens, 0);
        string key = string.Join(' ', _tokens);
        if (!_texts.TryGetValue(key, out float[]? known))
        {
            _words ??= Open(_text, _textWeights, session => session.Bind<long>(ClipTowers.Tokens, _tokens, 1, _tokens.Length));
            _texts.Add(key, known = Run(_words, $"'{text}'", stop));
        }

        return known;
    }

    /// <summary>The cosine of two embeddings, -1..1.</summary>
    public static double Cosine(IReadOnlyList<float> one, IReadOnlyList<float> other) => one.Zip(other, (a, b) => (double)a * b).Sum();

    /// <summary>Closes it.</summary>
    public void Dispose()
    {
        _images?.Dispose();
        _words?.Dispose();
        _imageWeights.Dispose();
        _textWeights.Dispose();
        _device?.Dispose();
    }

    private GraphSession Open(GraphBuilder graph, SharedWeights weights, Action<GraphSession> bind)
    {
        _device ??= _options.OpenDevice();
        GraphSession session = _device.CreateSession(
            OnnxModel.Write(graph, weights.Weights.Elements), _options.SessionSettings with { Weights = weights });
        bind(session);
        session.Bind<float>(ClipTowers.Embedding, _answer, 1, _answer.Length);
        return session;
    }

    private float[] Run(GraphSession session, string what, CancellationToken stop)
    {
        session.Run(stop);
        return Array.TrueForAll(_answer, float.IsFinite) ? [.. _answer] : throw new CloudsException(
            Failure.Numeric, "the answer of a CLIP is not finite", Name, $"NaN or infinity for {what}", "numbers", "take another CLIP");
    }
}
