using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;

namespace Clouds.Native.Catalogue;

/// <summary>
/// The network that the extents of a file's tensors tell of, be it of a size that nobody has published: an encoder, or a whole segmenter. It fits where
/// all of its parameters are there and nothing of the encoder is left over, as it would be of a deeper one that lacks a tensor.
/// </summary>
internal sealed class ToldNetwork
{
    // The table that leaves names as they are.
    private const string OurNames = "clouds";

    // Parts of published encoders that a segmenter does without.
    private static readonly string[] Heads = ["visual.attnpool.", "visual.head.", "visual.trunk.head."];

    private ToldNetwork(NamedTensors named, EncoderConfig encoder, ReleasedNetwork? segmenter)
    {
        (Named, Configuration) = (named, ToldConfiguration.Of(encoder, segmenter));
        IReadOnlyCollection<Parameter> all = segmenter is null ? Parameters(encoder) : Parameters(segmenter);
        Parameter[] wanted = [.. all.Where(parameter => parameter.Name != TextBank.Parameter)];
        Faults = [.. wanted.Where(parameter => parameter.IsRead).SelectMany(FaultsOf), .. LeftOver(encoder.Create(), wanted)];
    }

    /// <summary>The file's tensors under our names.</summary>
    public NamedTensors Named { get; }

    /// <summary>What it is, in words.</summary>
    public IReadOnlyDictionary<string, string> Configuration { get; }

    /// <summary>What does not fit.</summary>
    public IReadOnlyList<TensorFault> Faults { get; }

    /// <summary>The network in a file.</summary>
    /// <returns>Null where it holds no network of ours, or none that can be built, or its names are in no table and not our own.</returns>
    public static ToldNetwork? Find(WeightSource source)
    {
        (string dialect, string below) = NameMap.Recognise(source.Tensors.Keys) ?? (OurNames, "");
        NamedTensors named = new(source, NameMap.Of(dialect), below);
        TensorShapes shapes = new(named.ByName.ToDictionary(pair => pair.Key, pair => pair.Value.Shape, StringComparer.Ordinal));
        ReleasedNetwork? segmenter = ReleasedNetwork.Find(shapes);
        try
        {
            EncoderConfig? encoder = segmenter?.Network.Encoder ?? EncoderConfig.Find(shapes);
            return encoder is null || encoder.Misfit() is not null ? null : new ToldNetwork(named, encoder, segmenter);
        }
        catch (Exception e) when (e is CloudsException or ArgumentException or ArithmeticException or InvalidOperationException)
        {
            return null;
        }
    }

    private static IReadOnlyCollection<Parameter> Parameters(EncoderConfig config)
    {
        GraphBuilder g = new("encoder");
        IEncoder encoder = config.Create();
        using (g.Scope(encoder.Scope))
        {
            encoder.Build(g, g.Input("image", ElementType.Float, [1, 3, 32, 32]));
        }

        return g.Parameters;
    }

    private static IReadOnlyCollection<Parameter> Parameters(ReleasedNetwork segmenter)
    {
        (MaskFormerConfig network, int classes) = (segmenter.Network, segmenter.Classes ?? 1);
        GraphBuilder g = new("segmenter");
        TextBank? names = network.Classifier == ClassifierKind.Text ? TextBank.InFile([.. Enumerable.Repeat(1, classes)], network.Encoder.Create()) : null;
        new MaskFormer(network, classes, text: names).Answer(g, g.Input("image", ElementType.Float, [1, 3, 32, 32]));
        return g.Parameters;
    }

    private IEnumerable<TensorFault> FaultsOf(Parameter parameter)
    {
        string wanted = $"F32 {parameter.Shape}";
        if (!Named.ByName.TryGetValue(parameter.Name, out TensorEntry? tensor))
        {
            yield return new TensorFault(TensorFaultKind.Missing, parameter.Name, null, wanted, null);
        }
        else if (!tensor.Shape.SequenceEqual(parameter.Shape.Sizes))
        {
            yield return new TensorFault(TensorFaultKind.MisShaped, parameter.Name, $"{tensor}", wanted, null);
        }
        else if (!tensor.Type.IsFloat())
        {
            yield return new TensorFault(TensorFaultKind.MisTyped, parameter.Name, $"{tensor}", wanted, null);
        }
    }

    private IEnumerable<TensorFault> LeftOver(IEncoder encoder, IEnumerable<Parameter> wanted)
    {
        HashSet<string> known = [.. wanted.Select(parameter => parameter.Name)];
        string scope = $"{encoder.Scope}.";
        string own = encoder is IClipEncoder ? $"{scope}visual." : scope;
        return Named.ByName.Where(pair => pair.Key.StartsWith(own, StringComparison.Ordinal) && !known.Contains(pair.Key))
            .Where(pair => !Heads.Any(head => pair.Key.StartsWith(scope + head, StringComparison.Ordinal)))
            .Select(pair => new TensorFault(TensorFaultKind.Unexpected, pair.Key, $"{pair.Value}", null, null));
    }
}
