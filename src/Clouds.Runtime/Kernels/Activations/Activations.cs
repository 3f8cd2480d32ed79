using System.Runtime.CompilerServices;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Gradients of GELU and SiLU: dx = dy · slope(x), read once and written once. The exponential is computed here, not by a library, so every machine and
/// every vector width gives the same bits.
/// </summary>
public static unsafe class Activations
{
    /// <summary>Elements of a unit of work.</summary>
    public const int UnitElements = 4096;

    /// <summary>Units of work of so many elements.</summary>
    public static int Units(long elements) => checked((int)((elements + UnitElements - 1) / UnitElements));

    /// <summary>Gradient of x · Φ(x), Φ being the standard normal distribution.</summary>
    /// <param name="dY">Gradient of the result.</param>
    /// <param name="x">As many.</param>
    /// <param name="dX">As many; the units are overwritten.</param>
    /// <param name="from">First unit.</param>
    /// <param name="to">Unit behind the last.</param>
    /// <param name="level">Vector width; null = the widest of this machine.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the units lie outside; nothing has been written.</exception>
    public static void GeluBackward(HostSpan<float> dY, HostSpan<float> x, HostSpan<float> dX, int from, int to, SimdLevel? level = null) =>
        Run<GeluSlope>(dY, x, dX, from, to, level);

    /// <summary>Gradient of x · sigmoid(x); otherwise as <see cref="GeluBackward"/>.</summary>
    public static void SiluBackward(HostSpan<float> dY, HostSpan<float> x, HostSpan<float> dX, int from, int to, SimdLevel? level = null) =>
        Run<SiluSlope>(dY, x, dX, from, to, level);

    private static void Run<TSlope>(HostSpan<float> dY, HostSpan<float> x, HostSpan<float> dX, int from, int to, SimdLevel? level)
        where TSlope : ISlope
    {
        KernelCheck.Range(from, to, Units(x.Length), "units");
        float* upstream = dY.Pointer(x.Length, "gradient of y", "elements");
        float* at = x.Pointer(x.Length, "x", "elements");
        float* target = dX.Pointer(x.Length, "gradient of x", "elements");
        (long first, long last) = ((long)from * UnitElements, Math.Min(x.Length, (long)to * UnitElements));
        if ((level ?? SimdLevels.Best) == SimdLevel.Vector512)
        {
            Run<Lanes512, TSlope>(upstream + first, at + first, target + first, last - first);
        }
        else
        {
            Run<Lanes256, TSlope>(upstream + first, at + first, target + first, last - first);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Run<T, TSlope>(float* dY, float* x, float* dX, long length)
        where T : unmanaged, IFloatLanes<T>
        where TSlope : ISlope
    {
        long i = 0;
        for (; i <= length - T.Count; i += T.Count)
        {
            T.Multiply(T.Load(dY + i), TSlope.At(T.Load(x + i))).Store(dX + i);
        }

        if (i < length)
        {
            // What is left, in vectors of its own.
            float* rest = stackalloc float[2 * Lanes.Count];
            uint bytes = (uint)((length - i) * sizeof(float));
            Unsafe.InitBlock(rest, 0, 2 * Lanes.Count * sizeof(float));
            Unsafe.CopyBlock(rest, dY + i, bytes);
            Unsafe.CopyBlock(rest + Lanes.Count, x + i, bytes);
            T.Multiply(T.Load(rest), TSlope.At(T.Load(rest + Lanes.Count))).Store(rest);
            Unsafe.CopyBlock(dX + i, rest, bytes);
        }
    }

    private interface ISlope
    {
        static abstract T At<T>(T x)
            where T : unmanaged, IFloatLanes<T>;
    }

    // Φ(x) + x · φ(x), where Φ beyond |x| is φ(x) times a polynomial (Abramowitz and Stegun 1964, 26.2.17: error below 7.5e-8).
    private readonly struct GeluSlope : ISlope
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static T At<T>(T x)
            where T : unmanaged, IFloatLanes<T>
        {
            T square = T.Multiply(x, x);
            T isPositive = T.GreaterThan(x, T.Create(0));
            T magnitude = T.Select(isPositive, x, T.Subtract(T.Create(0), x));
            T t = T.Divide(T.Create(1), T.FusedMultiplyAdd(magnitude, T.Create(0.2316419f), T.Create(1)));
            T polynomial = T.FusedMultiplyAdd(t, T.Create(1.330274429f), T.Create(-1.821255978f));
            polynomial = T.FusedMultiplyAdd(polynomial, t, T.Create(1.781477937f));
            polynomial = T.FusedMultiplyAdd(polynomial, t, T.Create(-0.356563782f));
            polynomial = T.FusedMultiplyAdd(polynomial, t, T.Create(0.319381530f));

            // Lanes.Exp ends at e^-87, which would still count against a large x.
            T density = T.Multiply(Lanes.Exp(T.Multiply(square, T.Create(-0.5f))), T.Create(0.398942280f));
            density = T.Select(T.GreaterThan(square, T.Create(170)), T.Create(0), density);
            T beyond = T.Multiply(T.Multiply(polynomial, t), density);
            return T.FusedMultiplyAdd(x, density, T.Select(isPositive, T.Subtract(T.Create(1), beyond), beyond));
        }
    }

    // s + s · (1 - s) · x
    private readonly struct SiluSlope : ISlope
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static T At<T>(T x)
            where T : unmanaged, IFloatLanes<T>
        {
            T sigmoid = Lanes.Sigmoid(x);
            return T.FusedMultiplyAdd(T.Multiply(sigmoid, T.Subtract(T.Create(1), sigmoid)), x, sigmoid);
        }
    }
}
