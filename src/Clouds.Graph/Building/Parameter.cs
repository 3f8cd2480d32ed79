using Clouds.Graph.Randomness;

namespace Clouds.Graph.Building;

/// <summary>What a parameter is, as far as the optimiser cares (method.md section 3.1: norms and embedding tables are not decayed).</summary>
public enum ParameterKind
{
    /// <summary>Weights and biases of convolutions and linear layers, and plain learned arrays.</summary>
    Plain,

    /// <summary>Scale or shift of a normalisation layer.</summary>
    Norm,

    /// <summary>Embedding table.</summary>
    Embedding,

    /// <summary>Running mean or variance of a batch normalisation: read by the network, kept with its weights, never trained.</summary>
    Statistic,

    /// <summary>Batches that a normalisation has seen: part of published files, read by nobody, and absent from old ones.</summary>
    Counter,
}

/// <summary>Fills a parameter with its start values.</summary>
/// <param name="values">All elements, in C order.</param>
/// <param name="shape">Extents.</param>
/// <param name="random">A stream of this parameter's own.</param>
public delegate void Initializer(Span<float> values, Shape shape, RandomStream random);

/// <summary>A learned tensor. Its name is the published checkpoint's name.</summary>
/// <param name="Name">Full name, for instance "sem_seg_head.predictor.query_feat.weight".</param>
/// <param name="Kind">What it is for the optimiser.</param>
/// <param name="Initializer">Start values.</param>
/// <param name="Value">Its value in the graph.</param>
public sealed record Parameter(string Name, ParameterKind Kind, Initializer Initializer, Value Value)
{
    /// <summary>Extents.</summary>
    public Shape Shape => Value.Shape;

    /// <summary>Element type; single precision where it is trained.</summary>
    public ElementType Type => Value.Type;

    /// <summary>Whether the network reads it; what nobody reads may be missing.</summary>
    public bool IsRead => Kind != ParameterKind.Counter;

    /// <summary>Draws the start values: a pure function of the seed and the name.</summary>
    /// <exception cref="InvalidOperationException">The parameter is not of single precision, so it comes from a file.</exception>
    public float[] Initialize(ulong seed)
    {
        float[] values = new float[Shape.ElementCount];
        Initialize(seed, values);
        return values;
    }

    /// <summary>The same in place.</summary>
    /// <param name="seed">Seed.</param>
    /// <param name="values">Receives all elements, in C order.</param>
    /// <exception cref="InvalidOperationException">As above.</exception>
    public void Initialize(ulong seed, Span<float> values)
    {
        if (Type != ElementType.Float)
        {
            throw new InvalidOperationException($"{Name} is of type {Type} and has no start values");
        }

        Initializer(values, Shape, new RandomStream(seed, "init:" + Name));
    }
}
