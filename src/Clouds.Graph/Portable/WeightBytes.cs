using System.Runtime.InteropServices;
using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;

namespace Clouds.Graph.Portable;

/// <summary>The elements of a weight in the type that a graph wants, piece by piece: they pass through a small buffer and are nowhere as a whole.</summary>
internal sealed class WeightBytes
{
    private const int Piece = 1 << 18;

    private readonly float[] _floats = new float[Piece];
    private readonly Half[] _halves = new Half[Piece];

    /// <summary>Bytes of a weight in a graph's type.</summary>
    public static long Count(Parameter parameter) => parameter.Shape.ElementCount * parameter.Type.ByteSize();

    /// <summary>Hands out the bytes in C order, little-endian.</summary>
    /// <param name="tensor">Where the elements are.</param>
    /// <param name="type">The graph's type, single or half precision; whole numbers stay as they are.</param>
    /// <param name="write">Receives the pieces; a piece is valid until it returns.</param>
    /// <exception cref="CloudsException">Numeric: a number is too large for half precision.</exception>
    public void CopyTo(TensorEntry tensor, ElementType type, SpanWriter write)
    {
        for (long done = 0; done < tensor.Elements; done += Piece)
        {
            int count = (int)Math.Min(Piece, tensor.Elements - done);
            ReadOnlySpan<byte> stored = tensor.Slice(done, count);
            write(tensor.Type.InGraph() == type ? stored : Converted(tensor, stored, count, type));
        }
    }

    private ReadOnlySpan<byte> Converted(TensorEntry tensor, ReadOnlySpan<byte> stored, int count, ElementType type)
    {
        Span<float> floats = _floats.AsSpan(0, count);
        WeightConversion.ToFloats(tensor.Type, stored, floats);
        if (type == ElementType.Float)
        {
            return MemoryMarshal.AsBytes(floats);
        }

        for (int i = 0; i < count; i++)
        {
            _halves[i] = (Half)floats[i];
            if (!Half.IsFinite(_halves[i]))
            {
                throw new CloudsException(Failure.Numeric, "a weight is too large for half precision", $"tensor '{tensor.Name}'", $"{floats[i]}",
                    $"at most {Half.MaxValue}", "export in single precision");
            }
        }

        return MemoryMarshal.AsBytes(_halves.AsSpan(0, count));
    }
}

/// <summary>Receives bytes that are valid until it returns.</summary>
internal delegate void SpanWriter(ReadOnlySpan<byte> bytes);
