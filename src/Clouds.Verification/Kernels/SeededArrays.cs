using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Clouds.Graph.Randomness;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Kernels;

/// <summary>Arrays of seeded numbers that do not move, so that twins can be lent them.</summary>
internal static unsafe class SeededArrays
{
    /// <summary>Uniform in low..high.</summary>
    /// <param name="seed">The problem's.</param>
    /// <param name="purpose">Keeps the arrays of one problem apart.</param>
    /// <param name="count">Elements.</param>
    /// <param name="low">Least value.</param>
    /// <param name="high">Bound above.</param>
    public static float[] Uniform(ulong seed, string purpose, long count, float low, float high)
    {
        float[] values = Room<float>(count);
        new RandomStream(seed, purpose).Fill(values);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = low + ((high - low) * values[i]);
        }

        return values;
    }

    /// <summary>Zeros.</summary>
    public static T[] Room<T>(long count)
        where T : unmanaged
        => GC.AllocateArray<T>(checked((int)count), pinned: true);

    /// <summary>Puts each image's points into the order in which training has them.</summary>
    /// <param name="points">[N, P, 2].</param>
    /// <param name="images">N.</param>
    /// <param name="height">Height of the planes that are sampled.</param>
    /// <param name="width">Width of the planes.</param>
    public static void ByCell(float[] points, int images, int height, int width)
    {
        PointOrder order = new(height, width);
        int row = points.Length / images;
        for (int image = 0; image < images; image++)
        {
            order.Sort(points.AsSpan(image * row, row));
        }
    }

    /// <summary>The same values elsewhere.</summary>
    public static float[] Copy(float[] values)
    {
        float[] copy = Room<float>(values.Length);
        values.CopyTo(copy, 0);
        return copy;
    }

    /// <summary>An array of this class as twins take it.</summary>
    public static HostSpan<T> Host<T>(T[] values)
        where T : unmanaged
        => new((T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(values)), values.Length);
}
