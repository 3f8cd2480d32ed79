using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using NetVips;
using VipsImage = NetVips.Image;

namespace Clouds.Native.Images;

/// <summary>
/// Reads and writes photographs (JPEG, PNG, WebP, TIFF) through libvips. What is read is what the data loaders of the
/// reference code see: EXIF orientation applied, colour profiles and gamma ignored, alpha dropped, gray spread over
/// R, G, B, 16 bit cut to its high byte; CMYK goes through a standard profile. Safe to call from several threads.
/// </summary>
public static partial class ImageFile
{
    private const string Orientation = "orientation";
    private const int StripRows = 16;

    /// <summary>Endings, in small letters, that <see cref="Read(string, Action{string}?)"/> understands.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="warn">Told in one sentence where a file that can be read is not quite as it should be; null: nobody.</param>
    /// <exception cref="CloudsException">BadInput: missing, another format, truncated, damaged or beyond the size limits.</exception>
    public static RgbImage Read(string path, Action<string>? warn = null) => Decode(WholeFile.Read(path, ImageLimits.FileBytes), path, warn);

    /// <summary>Decodes the bytes of a file.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="warn">As for <see cref="Read(string, Action{string}?)"/>.</param>
    /// <exception cref="CloudsException">BadInput: another format, truncated, damaged or beyond the size limits.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> bytes, string name = "image", Action<string>? warn = null)
    {
        Vips.EnsureStarted();
        using VipsWarnings warnings = new();
        try
        {
            RgbImage image = Decode(bytes, name);
            warnings.Tell(name, warn);
            if (warn is not null && JpegZeros.Inside(bytes) is int zeros and > 0)
            {
                warn($"{name}: read, but {zeros} zeros in a row stand in its compressed data, and the picture behind them is not what it was");
            }

            return image;
        }
        catch (VipsException failure)
        {
            throw Undecodable(name, failure);
        }
    }

    /// <summary>The size that a file's header declares, before any pixel is decoded and any turn that EXIF asks for.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="CloudsException">BadInput: another format, or a damaged header.</exception>
    public static (int Width, int Height) Measure(ReadOnlySpan<byte> bytes, string name = "image")
    {
        Vips.EnsureStarted();
        try
        {
            using VipsImage stored = VipsImage.NewFromBuffer(bytes, "[access=sequential,fail_on=error]");
            return (stored.Width, stored.Height);
        }
        catch (VipsException failure)
        {
            throw Undecodable(name, failure);
        }
    }

    /// <summary>Writes an 8-bit RGB PNG, completely or not at all.</summary>
    /// <exception cref="CloudsException">Output, where it cannot be written.</exception>
    public static void WritePng(string path, RgbImage image) => AtomicFile.WriteAllBytes(path, EncodePng(image));

    /// <summary>Writes a JPEG, completely or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="image">The picture.</param>
    /// <param name="quality">1..100; from 90 on colour is stored at full resolution.</param>
    /// <exception cref="CloudsException">Output, where it cannot be written.</exception>
    public static void WriteJpeg(string path, RgbImage image, int quality = 90) => AtomicFile.WriteAllBytes(path, EncodeJpeg(image, quality));

    /// <summary>The bytes of an 8-bit RGB PNG.</summary>
    public static byte[] EncodePng(RgbImage image) => Encode(image, ".png[compression=6]");

    /// <summary>The bytes of a JPEG of the given quality, 1..100.</summary>
    public static byte[] EncodeJpeg(RgbImage image, int quality = 90)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        return Encode(image, string.Create(CultureInfo.InvariantCulture, $".jpg[Q={quality}]"));
    }

    private static CloudsException Undecodable(string name, VipsException failure) => new(
        Failure.BadInput,
        "the image cannot be decoded",
        name,
        $"libvips: {Vips.Reason(failure)}",
        "a complete JPEG, PNG, WebP or TIFF file",
        "copy or download the file again, or leave it out of the data set",
        failure);

    private static RgbImage Decode(ReadOnlySpan<byte> bytes, string name)
    {
        using VipsImage stored = VipsImage.NewFromBuffer(bytes, "[access=sequential,fail_on=error]");
        ImageLimits.Check(stored.Width, stored.Height, name);
        DeclaredSize.Check(bytes, stored.Width, stored.Height, name);
        RequirePhotograph(stored, name);
        using VipsImage colours = Srgb(stored);
        RgbImage image = Pixels(colours);
        return stored.Contains(Orientation) && stored.Get(Orientation) is int turn and > 1 ? Upright(image, turn) : image;
    }

    // libvips would turn other samples into colours by rules that nobody asked for, or not at all.
    private static void RequirePhotograph(VipsImage image, string name)
    {
        if (image.Format is not (Enums.BandFormat.Uchar or Enums.BandFormat.Ushort))
        {
            throw new CloudsException(
                Failure.BadInput,
                "the image's samples are no photograph's",
                name,
                $"{image.Bands} samples a pixel of type {image.Format.ToString().ToLowerInvariant()}",
                "whole numbers of 1 to 16 bits without sign",
                "save it with 8 bits a sample, or leave it out of the data set");
        }
    }

    private static VipsImage Srgb(VipsImage image) =>
        image.Interpretation == Enums.Interpretation.Srgb && image.Format == Enums.BandFormat.Uchar ? image : image.Colourspace(Enums.Interpretation.Srgb);

    private static RgbImage Upright(RgbImage image, int turn)
    {
        using VipsImage stored = Wrap(image);
        using VipsImage marked = stored.Mutate(copy => copy.Set(GValue.GIntType, Orientation, turn));
        using VipsImage upright = marked.Autorot();
        return Pixels(upright);
    }

    // Strip by strip on this thread: no second copy of the image, and libvips' warnings come from the thread that waits for them.
    private static RgbImage Pixels(VipsImage image)
    {
        RgbImage result = new(image.Width, image.Height);
        int bands = image.Bands;
        using Region region = Region.New(image);
        for (int top = 0; top < result.Height; top += StripRows)
        {
            int rows = Math.Min(StripRows, result.Height - top);
            byte[] strip = region.Fetch(0, top, result.Width, rows);
            KeepThreeBands(strip, bands, result.Pixels.AsSpan(3 * top * result.Width, 3 * rows * result.Width));
        }

        return result;
    }

    private static void KeepThreeBands(ReadOnlySpan<byte> source, int bands, Span<byte> pixels)
    {
        if (bands == 3)
        {
            source.CopyTo(pixels);
            return;
        }

        int green = Math.Min(1, bands - 1);
        int blue = Math.Min(2, bands - 1);
        for (int from = 0, to = 0; to < pixels.Length; from += bands, to += 3)
        {
            pixels[to] = source[from];
            pixels[to + 1] = source[from + green];
            pixels[to + 2] = source[from + blue];
        }
    }

    private static byte[] Encode(RgbImage picture, string suffix)
    {
        Vips.EnsureStarted();
        try
        {
            using VipsImage image = Wrap(picture);
            return image.WriteToBuffer(suffix);
        }
        catch (VipsException failure)
        {
            string size = $"{picture.Width} x {picture.Height} pixels";
            throw new CloudsException(Failure.Internal, "libvips cannot encode an image", suffix, Vips.Reason(failure), size, inner: failure);
        }
    }

    private static VipsImage Wrap(RgbImage picture) => VipsImage.NewFromMemory(picture.Pixels, picture.Width, picture.Height, 3, Enums.BandFormat.Uchar);
}
