namespace Clouds.Runtime.Kernels;

/// <summary>
/// Sizes of a 3 x 3 convolution of stride 1, padded by 1, and how its planes are laid out for the gradient of its weight: all images of a channel one behind
/// the other, one zero behind each row, which serves as both of its edges, one row of zeros behind each image. Every tap is then one shift of the
/// whole channel.
/// </summary>
/// <param name="Images">N.</param>
/// <param name="Inputs">I, channels of x.</param>
/// <param name="Outputs">O, channels of y.</param>
/// <param name="Height">H.</param>
/// <param name="Width">W.</param>
public readonly record struct ConvWeightShape(int Images, int Inputs, int Outputs, int Height, int Width)
{
    /// <summary>Channels of y whose sums are added up at a time.</summary>
    internal const int OutputsAtOnce = 3;

    /// <summary>Taps of the kernel.</summary>
    internal const int Taps = 9;

    /// <summary>Floats of a channel that are gone through before the next channel: four of them stay in a first-level cache.</summary>
    internal const int FloatsAtOnce = 2048;

    /// <summary>Groups of outputs that are gone through before the next channel of x: they stay in a second-level cache.</summary>
    internal const int GroupsAtOnce = 16;

    /// <summary>Elements of x.</summary>
    public long InputElements => (long)Images * Inputs * Pixels;

    /// <summary>Elements of y.</summary>
    public long OutputElements => (long)Images * Outputs * Pixels;

    /// <summary>Elements of the weight.</summary>
    public int Weights => checked(Outputs * Inputs * Taps);

    /// <summary>Groups of outputs: the units of the sums.</summary>
    public int Groups => (Outputs + OutputsAtOnce - 1) / OutputsAtOnce;

    /// <summary>Floats of x as it is laid out.</summary>
    public long SpreadInputs => (long)Inputs * InputFloats;

    /// <summary>Floats of the gradient of y as it is laid out.</summary>
    public long SpreadOutputs => (long)Outputs * Run;

    /// <summary>H·W.</summary>
    internal int Pixels => checked(Height * Width);

    /// <summary>Floats from one row to the next.</summary>
    internal int Stride => Width + 1;

    /// <summary>Floats from one image to the next.</summary>
    internal int ImageFloats => checked((Height + 1) * Stride);

    /// <summary>Floats of a channel, in whole vectors.</summary>
    internal int Run => Lanes.RoundUp(checked(Images * ImageFloats));

    /// <summary>The same with the zeros above and below, for the largest shift.</summary>
    internal int InputFloats => Lanes.RoundUp(Run + (2 * Stride) + 2);

    /// <summary>Where the first element of a channel of x lies.</summary>
    internal int Origin => Stride + 1;
}
