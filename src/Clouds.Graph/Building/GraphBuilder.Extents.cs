namespace Clouds.Graph.Building;

/// <content>
/// Extents as values. Where they are numbers these are constants; where the inputs leave them open, the graph computes them from its inputs' shapes,
/// each once. So a network that is written with extents, not with numbers, is one graph for images of any size.
/// </content>
public sealed partial class GraphBuilder
{
    private readonly Dictionary<string, Value> _sizes = [];

    /// <summary>An extent as a vector of one 64-bit integer. Differences below 0 are rounded towards it where they are divided.</summary>
    /// <exception cref="ArgumentException">No input has an axis of a symbol in it.</exception>
    public Value Size(Dim dim)
    {
        if (dim.IsStatic)
        {
            return Integers(dim.Size);
        }

        string key = dim.ToString();
        if (!_sizes.TryGetValue(key, out Value? value))
        {
            value = Computed(dim);
            _sizes.Add(key, value);
        }

        return value;
    }

    /// <summary>A shape as a vector of 64-bit integers.</summary>
    public Value Sizes(Shape shape) => shape.IsStatic ? Integers(shape.Sizes) : Concat(0, [.. shape.Select(Size)]);

    /// <summary>An extent as a float vector of one number.</summary>
    public Value SizeAsFloat(Dim dim) => dim.IsStatic ? Constant([dim.Size], 1) : Cast(Size(dim), ElementType.Float);

    /// <summary>The floats 0, 1, ... in front of an extent: [count].</summary>
    public Value Counting(Dim count) => count.IsStatic
        ? Constant([.. Enumerable.Range(0, (int)count.Size).Select(i => (float)i)], count.Size)
        : Cast(Emit("Range", [Scalar(0), Squeeze(Size(count), 0), Scalar(1)], ElementType.Int64, [count]), ElementType.Float);

    private Value Computed(Dim dim)
    {
        (DimTerm term, long inner, long divisor, long offset) = dim.Parts;
        Value value = Computed(term);
        value = inner == 0 ? value : Add(value, Integers(inner));
        value = divisor == 1 ? value : Div(value, Integers(divisor));
        return offset == 0 ? value : Add(value, Integers(offset));
    }

    private Value Computed(DimTerm term) => term.Operation switch
    {
        '+' => Add(Size(term.Left), Size(term.Right)),
        '-' => Sub(Size(term.Left), Size(term.Right)),
        '*' => Mul(Size(term.Left), Size(term.Right)),
        '/' => Div(Size(term.Left), Size(term.Right)),
        _ => OfInput(term.Text),
    };

    private Value OfInput(string symbol)
    {
        foreach (Value input in _inputs)
        {
            for (int axis = 0; axis < input.Shape.Rank; axis++)
            {
                if (input.Shape[axis] == symbol)
                {
                    return Emit("Shape", [input], ElementType.Int64, [1], ("start", (long)axis), ("end", axis + 1L));
                }
            }
        }

        throw new ArgumentException($"no input of graph {Name} has an axis of extent {symbol}");
    }

    private Value Scalar(long value) => Constant(Literal.Of([value]));
}
