using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Native.Images;

namespace Clouds.Training.Datasets;

/// <summary>A fixed, ordered set of images with masks of things in them. Loading is safe from several threads and gives the same bits each time.</summary>
public interface IMaskedImages
{
    /// <summary>What reports call it.</summary>
    string Name { get; }

    /// <summary>Images, at least 1.</summary>
    int Count { get; }

    /// <summary>An image's name, unique in the set, without loading it.</summary>
    /// <param name="index">0 .. <see cref="Count"/> - 1.</param>
    string SampleName(int index) => index.ToString("D6", CultureInfo.InvariantCulture);

    /// <summary>Reads or makes one image with its masks; the caller owns it.</summary>
    /// <param name="index">0 .. <see cref="Count"/> - 1.</param>
    /// <exception cref="CloudsException">BadInput, naming the file, where the image is unusable.</exception>
    MaskedImage Load(int index);
}

/// <summary>An image, and masks that belong to no class; they may overlap.</summary>
/// <param name="Image">Any size.</param>
/// <param name="Masks">Any number; all of the image's size.</param>
public sealed record MaskedImage(RgbImage Image, IReadOnlyList<ImageMask> Masks);

/// <summary>Pixels of a thing in an image: a box, and what of it belongs to the thing. At least one pixel. Immutable.</summary>
public sealed class ImageMask
{
    private readonly bool[] _inside;

    /// <summary>A mask.</summary>
    /// <param name="x">Leftmost column.</param>
    /// <param name="y">Top row.</param>
    /// <param name="width">Columns of the box.</param>
    /// <param name="inside">The box in raster order, whole rows; borrowed, not to be changed.</param>
    public ImageMask(int x, int y, int width, bool[] inside)
    {
        (X, Y, Width, Height, _inside) = (x, y, width, inside.Length / Math.Max(1, width), inside);
        Area = inside.Count(covered => covered);
        ArgumentOutOfRangeException.ThrowIfNotEqual(Width * Height, inside.Length);
        ArgumentOutOfRangeException.ThrowIfZero(Area);
    }

    /// <summary>Leftmost column.</summary>
    public int X { get; }

    /// <summary>Top row.</summary>
    public int Y { get; }

    /// <summary>Columns of the box.</summary>
    public int Width { get; }

    /// <summary>Rows of the box.</summary>
    public int Height { get; }

    /// <summary>Pixels.</summary>
    public int Area { get; }

    /// <summary>Whether a pixel belongs to it; pixels outside of the image do not.</summary>
    public bool Contains(int x, int y) =>
        x >= X && y >= Y && x < X + Width && y < Y + Height && _inside[((y - Y) * Width) + x - X];

    /// <summary>A pixel in raster order, from 0 to <see cref="Area"/> - 1.</summary>
    public (int X, int Y) PixelAt(int rank)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)rank, (uint)Area, nameof(rank));
        int place = -1;
        for (int seen = -1; seen < rank; seen += _inside[place] ? 1 : 0)
        {
            place++;
        }

        return (X + (place % Width), Y + (place / Width));
    }
}
