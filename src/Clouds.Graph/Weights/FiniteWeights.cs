using System.Numerics;
using System.Runtime.InteropServices;
using Clouds.Diagnostics;

namespace Clouds.Graph.Weights;

/// <summary>
/// Refuses weights that are infinite or no number: a network would answer with nonsense, and say nothing. All bytes are read once, where they are
/// mapped, on all processors; numbers of any size, subnormal ones too, are fine, and tensors of whole numbers are not looked at.
/// </summary>
public static class FiniteWeights
{
    // Enough for a thread to be at it for a while, little enough that threads end together.
    private const int Piece = 1 << 20;

    /// <summary>Refuses tensors of which an element is not finite.</summary>
    /// <param name="source">Where they are from, for the message.</param>
    /// <param name="tensors">What to look at.</param>
    /// <exception cref="CloudsException"><see cref="Failure.Numeric"/>, naming the first such tensor and counting them.</exception>
    public static void Require(WeightSource source, IEnumerable<TensorEntry> tensors)
    {
        IReadOnlyList<(TensorEntry Tensor, string What)> found = Find(tensors);
        if (found.Count > 0)
        {
            throw new CloudsException(
                Failure.Numeric,
                "weights are not finite",
                $"{source.Path}, tensor '{found[0].Tensor.Name}'",
                $"{found[0].What}{(found.Count == 1 ? "" : $"; {found.Count} such tensors")}",
                "finite numbers",
                "the training that made them diverged or the file is damaged: take an earlier checkpoint, or fetch or export it again");
        }
    }

    /// <summary>Every tensor of which an element is not finite, in the order given, with its first such element in words.</summary>
    public static IReadOnlyList<(TensorEntry Tensor, string What)> Find(IEnumerable<TensorEntry> tensors)
    {
        (TensorEntry Tensor, long First)[] pieces = [.. tensors.Where(tensor => tensor.Type.IsFloat()).SelectMany(Pieces)];
        int[] found = new int[pieces.Length];
        Parallel.For(0, pieces.Length, i => found[i] = FirstOf(pieces[i].Tensor, pieces[i].First));
        return [.. pieces.Zip(found).Where(piece => piece.Second >= 0).DistinctBy(piece => piece.First.Tensor.Name)
            .Select(piece => (piece.First.Tensor, Say(piece.First.Tensor, piece.First.First + piece.Second)))];
    }

    /// <summary>Position of the first number that is not finite; -1: all are.</summary>
    /// <typeparam name="T">The numbers' bits.</typeparam>
    /// <param name="numbers">Their bits.</param>
    /// <param name="exponent">The bits of the exponent, all of which are set in infinities and what is no number, and in nothing else.</param>
    internal static int FirstOf<T>(ReadOnlySpan<T> numbers, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        Vector<T> all = new(exponent);
        int i = 0;
        while (i <= numbers.Length - Vector<T>.Count && !Vector.EqualsAny(new Vector<T>(numbers[i..]) & all, all))
        {
            i += Vector<T>.Count;
        }

        while (i < numbers.Length && (numbers[i] & exponent) != exponent)
        {
            i++;
        }

        return i < numbers.Length ? i : -1;
    }

    private static IEnumerable<(TensorEntry Tensor, long First)> Pieces(TensorEntry tensor)
    {
        for (long first = 0; first < tensor.Elements; first += Piece)
        {
            yield return (tensor, first);
        }
    }

    private static int FirstOf(TensorEntry tensor, long first)
    {
        ReadOnlySpan<byte> bytes = tensor.Slice(first, (int)Math.Min(Piece, tensor.Elements - first));
        return tensor.Type switch
        {
            WeightType.F64 => FirstOf(MemoryMarshal.Cast<byte, ulong>(bytes), 0x7FF0_0000_0000_0000UL),
            WeightType.F32 => FirstOf(MemoryMarshal.Cast<byte, uint>(bytes), 0x7F80_0000U),
            WeightType.F16 => FirstOf<ushort>(MemoryMarshal.Cast<byte, ushort>(bytes), 0x7C00),
            WeightType.BF16 => FirstOf<ushort>(MemoryMarshal.Cast<byte, ushort>(bytes), 0x7F80),
            WeightType.F8E5M2 => FirstOf<byte>(bytes, 0x7C),
            // Of its largest exponent, only the largest fraction is no number.
            WeightType.F8E4M3 => FirstOf<byte>(bytes, 0x7F),
            _ => throw new ArgumentOutOfRangeException(nameof(tensor)),
        };
    }

    private static string Say(TensorEntry tensor, long element)
    {
        double value = WeightConversion.Double(tensor.Type, tensor.Slice(element, 1));
        return $"{(double.IsNaN(value) ? "NaN" : double.IsPositive(value) ? "infinity" : "-infinity")} at element {element} of {tensor}";
    }
}
