namespace Clouds.Native.Images;

/// <summary>One id per pixel, as read from a label file (0..65535) or as train ids (0..254, 255 = ignore).</summary>
/// <param name="Width">Pixels a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Ids">Width · Height ids in raster order; owned by the map.</param>
public sealed record LabelMap(int Width, int Height, ushort[] Ids)
{
    /// <summary>The train id that no loss and no measure looks at.</summary>
    public const ushort Ignore = 255;

    /// <summary>A map of zeros.</summary>
    public LabelMap(int width, int height)
        : this(width, height, new ushort[width * height])
    {
    }
}
