using System.Text.Json.Serialization;
using Clouds.Graph.Building;
using Clouds.Graph.Settings;
using Clouds.Models.Encoders;
using Clouds.Models.Layers;

namespace Clouds.Models.MaskClassifier;

/// <summary>Something that is on, off, or decided by what it is used with.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Choice>))]
public enum Choice
{
    /// <summary>As the reference has it there.</summary>
    Auto,

    /// <summary>Always.</summary>
    On,

    /// <summary>Never.</summary>
    Off,
}

/// <summary>How much the frozen CLIP has to say (method.md section 1.6).</summary>
public sealed record EnsembleConfig
{
    /// <summary>Its exponent for classes that share a name with the training vocabulary. FC-CLIP: 0.4.</summary>
    [Setting(Min = 0, Max = 1, Source = "FC-CLIP: 0.4")]
    public double Alpha { get; init; } = 0.4;

    /// <summary>Its exponent for other classes. FC-CLIP: 0.8.</summary>
    [Setting(Min = 0, Max = 1, Source = "FC-CLIP: 0.8")]
    public double Beta { get; init; } = 0.8;

    /// <summary>Whether it is silent about masks that are empty at the size of its features. FC-CLIP: for CLIP's ResNets.</summary>
    [Setting(Source = "FC-CLIP: for CLIP's ResNets")]
    public Choice OnValidMask { get; init; } = Choice.Auto;
}

/// <summary>
/// FC-CLIP's geometric ensemble, at test time: the classifier's probabilities and those that the frozen CLIP gives the pixels of each mask, multiplied with
/// exponents that add up to 1 (method.md section 1.6). In logarithms, so that a probability of 0 stays one.
/// </summary>
/// <param name="config">Exponents.</param>
/// <param name="encoder">The frozen CLIP.</param>
/// <param name="rows">The classes' names.</param>
/// <param name="seen">By class: whether it shares a name with the training vocabulary; null: all do.</param>
public sealed class GeometricEnsemble(EnsembleConfig config, IClipEncoder encoder, TextRows rows, IReadOnlyList<bool>? seen = null)
{
    // N batch · Q queries · K classes · h×w of the coarsest features
    /// <summary>Class logits that the ensemble puts in place of a prediction's.</summary>
    /// <param name="g">Graph, in the scope of the encoder's parameters.</param>
    /// <param name="classLogits">[N, Q, K + 1], "no object" last.</param>
    /// <param name="maskLogits">[N, Q, H, W].</param>
    /// <param name="c5">[N, C, h, w].</param>
    /// <param name="logScale">Logarithm of CLIP's own scale.</param>
    /// <returns>[N, Q, K + 1], logarithms of probabilities.</returns>
    public Value Build(GraphBuilder g, Value classLogits, Value maskLogits, Value c5, Value logScale)
    {
        Value inside = MaskPooling.Inside(g, g.ResizeBilinear(maskLogits, c5.Shape[2], c5.Shape[3])); // [N, Q, h, w]
        Value clip = Classes(g, rows.Logits(g, encoder.EmbedMasks(g, c5, inside), logScale));                   // [N, Q, K]
        Value own = g.LogSoftmax(Classes(g, classLogits));
        Value mixed = g.Add(own, g.Mul(Exponents(g, inside), g.Sub(g.LogSoftmax(clip), own)));

        Value nothing = g.Slice(g.Softmax(classLogits), axis: 2, from: rows.Classes, to: rows.Classes + 1);     // [N, Q, 1]
        Value something = g.Mul(g.Softmax(mixed), g.Sub(1f, nothing));
        return g.Log(g.Add(g.Concat(2, something, nothing), 1e-8f));
    }

    private Value Classes(GraphBuilder g, Value logits) => g.Slice(logits, axis: 2, from: 0, to: rows.Classes);

    // [1, 1, K], or [N, Q, K] with 0 for masks that are nowhere.
    private Value Exponents(GraphBuilder g, Value inside)
    {
        IEnumerable<float> exponents = Enumerable.Range(0, rows.Classes).Select(k => (float)(seen?[k] != false ? config.Alpha : config.Beta));
        Value byClass = g.Constant([.. exponents], 1, 1, rows.Classes);
        bool onValid = config.OnValidMask == Choice.On || (config.OnValidMask == Choice.Auto && encoder.PoolsByAttention);
        return onValid ? g.Mul(byClass, g.ReduceMax(g.ReduceMax(inside, 3, keep: false), 2)) : byClass;
    }
}
