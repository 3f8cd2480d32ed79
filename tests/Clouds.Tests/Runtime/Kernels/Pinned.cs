using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Clouds.Graph.Randomness;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

/// <summary>An array that does not move, so that twins can be lent it.</summary>
internal sealed unsafe class Pinned<T>
    where T : unmanaged
{
    public Pinned(int length)
    {
        Values = GC.AllocateArray<T>(length, pinned: true);
    }

    public Pinned(ReadOnlySpan<T> values)
        : this(values.Length)
    {
        values.CopyTo(Values);
    }

    public T[] Values { get; }

    public HostSpan<T> Span => new((T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(Values)), Values.Length);
}

/// <summary>Seeded numbers for kernel tests.</summary>
internal static class Pinned
{
    public static Pinned<float> Normal(int length, ulong seed, double scale = 1)
    {
        Pinned<float> result = new(length);
        RandomStream random = new(seed, "kernel test");
        for (int i = 0; i < length; i++)
        {
            result.Values[i] = (float)(scale * random.NextNormal());
        }

        return result;
    }

    public static Pinned<float> Uniform(int length, ulong seed, double low = 0, double high = 1)
    {
        Pinned<float> result = new(length);
        RandomStream random = new(seed, "kernel test");
        for (int i = 0; i < length; i++)
        {
            result.Values[i] = (float)random.NextDouble(low, high);
        }

        return result;
    }

    public static Pinned<float> Dirty(int length)
    {
        Pinned<float> result = new(length);
        Array.Fill(result.Values, float.NaN);
        return result;
    }
}

/// <summary>Comparisons with a tolerance relative to the largest expected value.</summary>
internal static class Near
{
    public static void All(ReadOnlySpan<float> expected, ReadOnlySpan<float> found, double tolerance)
    {
        double[] wide = new double[expected.Length];
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = expected[i];
        }

        All(wide, found, tolerance);
    }

    public static void All(ReadOnlySpan<double> expected, ReadOnlySpan<float> found, double tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        double scale = 1e-30;
        foreach (double value in expected)
        {
            scale = Math.Max(scale, Math.Abs(value));
        }

        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Abs(expected[i] - found[i]);
            Assert.True(error <= tolerance * scale, $"element {i}: found {found[i]}, expected {expected[i]}, scale {scale}");
        }
    }
}
