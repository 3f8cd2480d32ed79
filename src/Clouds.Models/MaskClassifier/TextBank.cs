using Clouds.Graph.Building;
using Clouds.Models.Encoders;

namespace Clouds.Models.MaskClassifier;

/// <summary>Where the rows of the text classifier come from: class by class a row for each of its names, of length 1, "no object" not among them.</summary>
/// <param name="Counts">How many names each class has; R in all.</param>
/// <param name="Rows">[R, E], given the graph in no scope.</param>
public sealed record TextBank(IReadOnlyList<int> Counts, Func<GraphBuilder, Value> Rows)
{
    /// <summary>By class: whether it shares a name with those that the network was trained with; null: all do.</summary>
    public IReadOnlyList<bool>? Seen { get; init; }

    /// <summary>Name of the rows in a model file.</summary>
    public const string Parameter = "text_classifier";

    /// <summary>Rows that are known.</summary>
    /// <param name="counts">How many names each class has.</param>
    /// <param name="rows">R · E elements.</param>
    public static TextBank Of(IReadOnlyList<int> counts, float[] rows)
    {
        long total = counts.Sum();
        return new TextBank(counts, g => g.Constant(rows, total, rows.Length / total));
    }

    /// <summary>Rows that the model's file holds.</summary>
    /// <param name="counts">How many names each class has.</param>
    /// <param name="encoder">The encoder of the CLIP whose text tower made them.</param>
    /// <exception cref="InvalidOperationException">It is no encoder of a CLIP, or a class has no name.</exception>
    public static TextBank InFile(IReadOnlyList<int> counts, IEncoder encoder)
    {
        long embedding = (encoder as IClipEncoder)?.Embedding ?? throw new InvalidOperationException("a text classifier without one of CLIP's encoders");
        return counts.Count > 0 && counts.Min() > 0
            ? new TextBank(counts, g => g.Parameter(Parameter, [counts.Sum(), embedding], Initialize.Zeros))
            : throw new InvalidOperationException("a text classifier without names of its classes");
    }
}
