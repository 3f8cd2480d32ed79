using Clouds.Graph.Weights;

namespace Clouds.Verification.Golden;

/// <summary>
/// A tensor that a golden case gives or that a module computed: floats or doubles, or whole numbers (truth values are 0
/// and 1), in C order. The arrays belong to the tensor.
/// </summary>
public sealed class GoldenTensor
{
    private readonly float[]? _floats;
    private readonly double[]? _doubles;
    private readonly long[]? _integers;

    private GoldenTensor(IReadOnlyList<long> shape, float[]? floats, double[]? doubles, long[]? integers)
    {
        (Shape, _floats, _doubles, _integers) = (shape, floats, doubles, integers);
        Elements = floats?.Length ?? doubles?.Length ?? integers!.Length;
        long product = shape.Aggregate(1L, (a, b) => checked(a * b));
        if (product != Elements)
        {
            throw new ArgumentException($"{Elements} elements do not fill the shape [{string.Join(", ", shape)}].", nameof(shape));
        }
    }

    /// <summary>float32 values.</summary>
    /// <param name="values">Elements in C order; the tensor takes them over.</param>
    /// <param name="shape">Dimensions, slowest first; none for a scalar.</param>
    public GoldenTensor(float[] values, params IReadOnlyList<long> shape)
        : this(shape, values, null, null)
    {
    }

    /// <summary>float64 values; parameters as for float32.</summary>
    public GoldenTensor(double[] values, params IReadOnlyList<long> shape)
        : this(shape, null, values, null)
    {
    }

    /// <summary>Whole numbers; parameters as for float32.</summary>
    public GoldenTensor(long[] values, params IReadOnlyList<long> shape)
        : this(shape, null, null, values)
    {
    }

    /// <summary>Truth values; parameters as for float32.</summary>
    public GoldenTensor(bool[] values, params IReadOnlyList<long> shape)
        : this(shape, null, null, Array.ConvertAll(values, value => value ? 1L : 0L))
    {
    }

    /// <summary>Dimensions, slowest first; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Product of the dimensions.</summary>
    public int Elements { get; }

    /// <summary>Whether the values may have fractions.</summary>
    public bool IsFloat => _integers is null;

    /// <summary>An element as a double; exact for every float32 and for whole numbers up to 2^53.</summary>
    public double this[int i] => _floats is not null ? _floats[i] : _doubles?[i] ?? _integers![i];

    /// <summary>The values as float32; the tensor's own array where it holds float32 already.</summary>
    public float[] AsFloats()
        => _floats ?? (_doubles is not null ? Array.ConvertAll(_doubles, value => (float)value) : Array.ConvertAll(_integers!, value => (float)value));

    /// <summary>The tensor's own whole numbers.</summary>
    /// <exception cref="InvalidOperationException">The tensor holds floats.</exception>
    public long[] AsIntegers() => _integers ?? throw new InvalidOperationException("The tensor holds floats, not whole numbers.");

    internal static GoldenTensor Read(WeightSource file, string name)
    {
        TensorEntry entry = file.Entry(name);
        return entry.Type switch
        {
            WeightType.F64 => new GoldenTensor(file.ReadDoubles(name), entry.Shape),
            WeightType.F32 or WeightType.F16 or WeightType.BF16 => new GoldenTensor(file.ReadFloats(name), entry.Shape),
            _ => new GoldenTensor(file.ReadIntegers(name), entry.Shape),
        };
    }

    internal string ShapeText => $"[{string.Join(", ", Shape)}]";
}
