namespace Clouds.Runtime.Kernels;

/// <summary>Sizes of a group normalisation.</summary>
/// <param name="Images">N.</param>
/// <param name="Channels">C.</param>
/// <param name="Groups">G, which divides C.</param>
/// <param name="Pixels">P = H·W.</param>
public readonly record struct GroupNormShape(int Images, int Channels, int Groups, int Pixels)
{
    /// <summary>Elements of x and y.</summary>
    public long Elements => (long)Planes * Pixels;

    /// <summary>Channels of all images.</summary>
    public int Planes => checked(Images * Channels);

    /// <summary>Groups of all images: units of work.</summary>
    public int Units => checked(Images * Groups);

    /// <summary>C/G.</summary>
    public int ChannelsOfGroup => Channels / Groups;

    /// <summary>Floats of the sums by plane: gradients of scale and shift, [2, N, C].</summary>
    public long PlaneFloats => 2L * Planes;
}
