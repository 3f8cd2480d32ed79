namespace Clouds.Native.Images;

/// <summary>What weighs the source pixels around an output pixel.</summary>
internal enum ResizeFilter
{
    /// <summary>Bilinear: a triangle of half-width 1.</summary>
    Triangle,

    /// <summary>Bicubic: Keys' cubic of half-width 2, a = -0.5.</summary>
    Cubic,
}

/// <summary>
/// Which source pixels make an output pixel along one axis and with what weights: a filter that is widened by
/// max(1, in/out) source pixels around the output pixel's centre, in fixed point as Pillow's 8-bit resampling has it.
/// </summary>
internal sealed class ResizeTaps
{
    /// <summary>Fraction bits of a weight: 32 less 8 for the sample and 2 of headroom.</summary>
    public const int FractionBits = 32 - 8 - 2;

    private readonly int[] _weights;
    private readonly int _stride;

    /// <summary>Computes the taps of output positions first .. first + count - 1.</summary>
    /// <param name="input">Source pixels along the axis.</param>
    /// <param name="output">Pixels of the whole result along the axis.</param>
    /// <param name="first">First output position wanted.</param>
    /// <param name="count">Number of output positions wanted.</param>
    /// <param name="filter">What weighs them.</param>
    public ResizeTaps(int input, int output, int first, int count, ResizeFilter filter = ResizeFilter.Triangle)
    {
        double scale = (double)input / output;
        double stretch = Math.Max(scale, 1.0);
        double reach = filter == ResizeFilter.Cubic ? 2 * stretch : stretch;
        _stride = ((int)Math.Ceiling(reach) * 2) + 1;
        _weights = new int[count * _stride];
        Starts = new int[count];
        Counts = new int[count];
        double[] exact = new double[_stride];
        for (int i = 0; i < count; i++)
        {
            double centre = (first + i + 0.5) * scale;
            int start = Math.Max((int)(centre - reach + 0.5), 0);
            int taps = Math.Min((int)(centre + reach + 0.5), input) - start;
            Starts[i] = start;
            Counts[i] = taps;
            Weigh(exact.AsSpan(0, taps), start - centre, 1.0 / stretch, filter);
            Quantise(exact.AsSpan(0, taps), _weights.AsSpan(i * _stride, taps));
        }
    }

    /// <summary>First source position of each output position.</summary>
    public int[] Starts { get; }

    /// <summary>Number of source positions of each output position, at least 1.</summary>
    public int[] Counts { get; }

    /// <summary>The weights of output position i; they sum to about 2^<see cref="FractionBits"/>.</summary>
    public ReadOnlySpan<int> Weights(int i) => _weights.AsSpan(i * _stride, Counts[i]);

    private static void Weigh(Span<double> weights, double offset, double inverseStretch, ResizeFilter filter)
    {
        double sum = 0;
        for (int tap = 0; tap < weights.Length; tap++)
        {
            double distance = Math.Abs((tap + offset + 0.5) * inverseStretch);
            weights[tap] = filter == ResizeFilter.Cubic ? Cubic(distance) : distance < 1.0 ? 1.0 - distance : 0.0;
            sum += weights[tap];
        }

        for (int tap = 0; tap < weights.Length && sum != 0; tap++)
        {
            weights[tap] /= sum;
        }
    }

    private static double Cubic(double x) =>
        x < 1 ? (((1.5 * x) - 2.5) * x * x) + 1 : x < 2 ? ((((x - 5) * x) + 8) * x - 4) * -0.5 : 0;

    private static void Quantise(ReadOnlySpan<double> exact, Span<int> weights)
    {
        for (int tap = 0; tap < exact.Length; tap++)
        {
            weights[tap] = (int)((exact[tap] < 0 ? -0.5 : 0.5) + (exact[tap] * (1 << FractionBits)));
        }
    }
}
