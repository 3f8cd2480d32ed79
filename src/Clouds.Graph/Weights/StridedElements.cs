using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Clouds.Graph.Weights;

/// <summary>Reads views whose elements do not lie one behind the other: transposed, cut out of a larger tensor, or one element many times.</summary>
internal static class StridedElements
{
    /// <summary>Copies elements in C order.</summary>
    /// <param name="view">The tensor.</param>
    /// <param name="strides">Its strides.</param>
    /// <param name="first">First element.</param>
    /// <param name="into">Receives the bytes of as many elements as fit.</param>
    public static void Copy(TensorEntry view, IReadOnlyList<long> strides, long first, Span<byte> into)
    {
        switch (view.Type.Size())
        {
            case 1:
                Gather(view, strides, first, into);
                break;
            case 2:
                Gather(view, strides, first, MemoryMarshal.Cast<byte, ushort>(into));
                break;
            case 4:
                Gather(view, strides, first, MemoryMarshal.Cast<byte, uint>(into));
                break;
            default:
                Gather(view, strides, first, MemoryMarshal.Cast<byte, ulong>(into));
                break;
        }
    }

    private static unsafe void Gather<T>(TensorEntry view, IReadOnlyList<long> strides, long first, Span<T> into)
        where T : unmanaged
    {
        long[] index = Index(view.Shape, first);
        int last = index.Length - 1;
        byte* start = (byte*)view.File.Address + view.Offset;
        long step = strides[last] * sizeof(T);
        for (int done = 0; done < into.Length;)
        {
            byte* row = start + (Dot(index, strides) * sizeof(T));
            int count = (int)Math.Min(into.Length - done, view.Shape[last] - index[last]);
            for (int i = 0; i < count; i++)
            {
                into[done + i] = Unsafe.ReadUnaligned<T>(row + (i * step));
            }

            done += count;
            Advance(index, view.Shape, count);
        }
    }

    private static long[] Index(IReadOnlyList<long> shape, long element)
    {
        long[] index = new long[shape.Count];
        for (int axis = shape.Count - 1; axis >= 0; axis--)
        {
            (element, index[axis]) = Math.DivRem(element, shape[axis]);
        }

        return index;
    }

    private static long Dot(long[] index, IReadOnlyList<long> strides)
    {
        long place = 0;
        for (int axis = 0; axis < index.Length; axis++)
        {
            place += index[axis] * strides[axis];
        }

        return place;
    }

    // By at most what is left of the last axis.
    private static void Advance(long[] index, IReadOnlyList<long> shape, long count)
    {
        index[^1] += count;
        for (int axis = index.Length - 1; axis > 0 && index[axis] == shape[axis]; axis--)
        {
            index[axis] = 0;
            index[axis - 1]++;
        }
    }
}
