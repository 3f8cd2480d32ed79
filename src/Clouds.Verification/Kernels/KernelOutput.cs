using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Clouds.Verification.Kernels;

/// <summary>One output of a kernel, from the processor or from a GPU.</summary>
/// <param name="name">What it is, for messages.</param>
/// <param name="tolerance">0: the same bits; otherwise the largest error, relative to the largest value.</param>
public abstract class KernelOutput(string name, double tolerance)
{
    /// <summary>What it is.</summary>
    public string Name => name;

    /// <summary>0: the same bits; otherwise the largest error, relative to the largest value.</summary>
    public double Tolerance => tolerance;

    /// <summary>The values' bytes.</summary>
    public abstract ReadOnlySpan<byte> Bytes { get; }

    /// <summary>A number that stands for all bytes.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(Bytes));

    /// <summary>An output.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="values">Its values.</param>
    /// <param name="tolerance">0: the same bits; otherwise the largest error of floats, relative to the largest value.</param>
    public static KernelOutput Of<T>(string name, T[] values, double tolerance = 0)
        where T : unmanaged
        => new Values<T>(name, values, tolerance);

    /// <summary>Where the output of another device differs from this one, in words; null = it is the same within the tolerance.</summary>
    /// <param name="other">The same output of the other device.</param>
    /// <param name="own">What this one is called, for instance "processor".</param>
    /// <param name="others">What the other one is called.</param>
    /// <param name="bits">Compare bits even where there is a tolerance.</param>
    public abstract string? Difference(KernelOutput other, string own, string others, bool bits = false);

    /// <summary>The first difference between two lists of the same outputs, or null.</summary>
    public static string? Difference(IReadOnlyList<KernelOutput> one, IReadOnlyList<KernelOutput> two, string own, string others, bool bits = false)
        => one.Zip(two, (first, second) => first.Difference(second, own, others, bits)).FirstOrDefault(difference => difference is not null);

    private sealed class Values<T>(string name, T[] values, double tolerance) : KernelOutput(name, tolerance)
        where T : unmanaged
    {
        private readonly T[] _values = values;

        public override ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes(_values.AsSpan());

        public override string? Difference(KernelOutput other, string own, string others, bool bits)
        {
            T[] found = ((Values<T>)other)._values;
            if (found.Length != _values.Length)
            {
                return $"{Name}: {own} {_values.Length} elements, {others} {found.Length}";
            }

            if (Bytes.SequenceEqual(other.Bytes))
            {
                return null;
            }

            int[] different = [.. Enumerable.Range(0, found.Length).Where(bits || Tolerance == 0 ? at => !Same(_values[at], found[at]) : FarApart(found))];
            return different is [int first, ..]
                ? string.Create(CultureInfo.InvariantCulture,
                    $"{Name}: element {first}: {own} {_values[first]}, {others} {found[first]} ({different.Length} of {found.Length} differ)")
                : null;
        }

        private static bool Same(T a, T b)
            => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(ref a)).SequenceEqual(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(ref b)));

        // Negated, so that what is not a number differs.
        private Func<int, bool> FarApart(T[] found)
        {
            double allowed = Tolerance * _values.Max(value => Math.Abs(Number(value)));
            return at => !(Math.Abs(Number(_values[at]) - Number(found[at])) <= allowed);
        }

        private static double Number(T value) => value is float number ? number : throw new NotSupportedException($"{typeof(T)} has no tolerance");
    }
}
