namespace Clouds.Native.Images;

/// <summary>
/// One id per pixel, as read from a label file (0..65535) or as train ids (0..254, 255 = ignore). Two maps are equal where they are the same object; ids are
/// compared as spans.
/// </summary>
public sealed class LabelMap
{
    /// <summary>The train id that no loss and no measure looks at.</summary>
    public const ushort Ignore = 255;

    /// <summary>A map over ids that are there.</summary>
    /// <param name="width">Pixels a row, 0 or more.</param>
    /// <param name="height">Rows, 0 or more.</param>
    /// <param name="ids">Width · height ids in raster order; the map's from now on.</param>
    /// <exception cref="ArgumentException">A size below 0, or another number of ids.</exception>
    public LabelMap(int width, int height, ushort[] ids)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        ArgumentOutOfRangeException.ThrowIfNegative(height);
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Length != (long)width * height)
        {
            throw new ArgumentException($"{ids.Length} ids for {width} x {height} pixels", nameof(ids));
        }

        (Width, Height, Ids) = (width, height, ids);
    }

    /// <summary>A map of zeros.</summary>
    public LabelMap(int width, int height)
        : this(width, height, new ushort[checked(width * height)])
    {
    }

    /// <summary>Pixels a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Width · Height ids in raster order; owned by the map.</summary>
    public ushort[] Ids { get; }
}
