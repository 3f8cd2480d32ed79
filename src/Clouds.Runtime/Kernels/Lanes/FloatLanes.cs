using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Floats side by side, for kernels whose lanes never meet: written once over this, they give the same bits at every width. A vector wider
/// than the machine's would be correct too, but the compiler keeps it in memory: nine times slower.
/// </summary>
/// <typeparam name="T">The vector itself.</typeparam>
public unsafe interface IFloatLanes<T>
    where T : unmanaged, IFloatLanes<T>
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Count { get; }

    static abstract T Load(float* source);

    static abstract T Create(float value);

    /// <summary>Lanes that hold the bits of an integer; only for <see cref="Select"/>.</summary>
    static abstract T CreateBits(int value);

    static abstract T FusedMultiplyAdd(T a, T b, T c);

    static abstract T Add(T a, T b);

    static abstract T Subtract(T a, T b);

    static abstract T Multiply(T a, T b);

    static abstract T Divide(T a, T b);

    /// <summary>x within low..high; NaN becomes low.</summary>
    static abstract T Clamp(T x, float low, float high);

    /// <summary>All bits set where a &gt; b.</summary>
    static abstract T GreaterThan(T a, T b);

    /// <summary>a where the mask's bits are set, else b.</summary>
    static abstract T Select(T mask, T a, T b);

    /// <summary>p · 2^n, where the low bits of n's representation hold the integer.</summary>
    static abstract T Scale(T p, T n);

    /// <summary>row[first[i]] for every lane, where window is the smallest index, or −1 where the indices lie further apart than a vector.</summary>
    static abstract T Pick(float* row, int window, int* inWindow, int* inRow);

    void Store(float* target);
}

/// <summary>Sixteen floats.</summary>
public readonly unsafe struct Lanes512(Vector512<float> value) : IFloatLanes<Lanes512>
{
    private readonly Vector512<float> _value = value;

    public static int Count => 16;

    public Vector512<float> Value => _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Create(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 CreateBits(int value) => new(Vector512.Create(value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 FusedMultiplyAdd(Lanes512 a, Lanes512 b, Lanes512 c) => new(Vector512.FusedMultiplyAdd(a._value, b._value, c._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Add(Lanes512 a, Lanes512 b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Subtract(Lanes512 a, Lanes512 b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Multiply(Lanes512 a, Lanes512 b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Divide(Lanes512 a, Lanes512 b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Clamp(Lanes512 x, float low, float high)
        => new(Vector512.MinNative(Vector512.MaxNative(x._value, Vector512.Create(low)), Vector512.Create(high)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 GreaterThan(Lanes512 a, Lanes512 b) => new(Vector512.GreaterThan(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Select(Lanes512 mask, Lanes512 a, Lanes512 b) => new(Vector512.ConditionalSelect(mask._value, a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Scale(Lanes512 p, Lanes512 n) => new((p._value.AsInt32() + Vector512.ShiftLeft(n._value.AsInt32(), 23)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Pick(float* row, int window, int* inWindow, int* inRow)
        => Avx512F.IsSupported && window >= 0
            ? new(Avx512F.PermuteVar16x32(Vector512.Load(row + window), Vector512.Load(inWindow)))
            : new(Vector512.Create(Lanes256.Pick(row, -1, inWindow, inRow).Value, Lanes256.Pick(row, -1, inWindow + 8, inRow + 8).Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => _value.Store(target);
}

/// <summary>Eight floats.</summary>
public readonly unsafe struct Lanes256(Vector256<float> value) : IFloatLanes<Lanes256>
{
    private readonly Vector256<float> _value = value;

    public static int Count => 8;

    public Vector256<float> Value => _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Load(float* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Create(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 CreateBits(int value) => new(Vector256.Create(value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 FusedMultiplyAdd(Lanes256 a, Lanes256 b, Lanes256 c) => new(Vector256.FusedMultiplyAdd(a._value, b._value, c._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Add(Lanes256 a, Lanes256 b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Subtract(Lanes256 a, Lanes256 b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Multiply(Lanes256 a, Lanes256 b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Divide(Lanes256 a, Lanes256 b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Clamp(Lanes256 x, float low, float high)
        => new(Vector256.MinNative(Vector256.MaxNative(x._value, Vector256.Create(low)), Vector256.Create(high)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 GreaterThan(Lanes256 a, Lanes256 b) => new(Vector256.GreaterThan(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Select(Lanes256 mask, Lanes256 a, Lanes256 b) => new(Vector256.ConditionalSelect(mask._value, a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Scale(Lanes256 p, Lanes256 n) => new((p._value.AsInt32() + Vector256.ShiftLeft(n._value.AsInt32(), 23)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Pick(float* row, int window, int* inWindow, int* inRow)
        => Avx2.IsSupported && window >= 0
            ? new(Avx2.PermuteVar8x32(Vector256.Load(row + window), Vector256.Load(inWindow)))
            : new(Vector256.Create(row[inRow[0]], row[inRow[1]], row[inRow[2]], row[inRow[3]], row[inRow[4]], row[inRow[5]], row[inRow[6]], row[inRow[7]]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => _value.Store(target);
}
