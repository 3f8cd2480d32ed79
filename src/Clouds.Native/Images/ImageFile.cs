using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Native.Images;

/// <summary>
/// Reads and writes photographs (JPEG, PNG, WebP, TIFF) through libvips. What is read is what the data loaders of the
/// reference code see: EXIF orientation applied, colour profiles and gamma ignored, alpha dropped, gray spread over
/// R, G, B, 16 bit cut to its high byte; CMYK goes through a standard profile. Safe to call from several threads.
/// </summary>
public static class ImageFile
{
    /// <summary>Endings, in small letters, that <see cref="Read"/> understands.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="CloudsException">BadInput: missing, another format, truncated, damaged or beyond the size limits.</exception>
    public static RgbImage Read(string path) => Decode(ImageLimits.ReadFile(path), path);

    /// <summary>Decodes the bytes of a file.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="CloudsException">BadInput: another format, truncated, damaged or beyond the size limits.</exception>
    public static unsafe RgbImage Decode(ReadOnlySpan<byte> bytes, string name)
    {
        Vips.EnsureStarted();
        using VipsScope scope = new();

        // libvips decodes lazily from this buffer, so that it must stay pinned until the pixels are out.
        fixed (byte* data = bytes)
        {
            nint image = Known(scope.Keep(Vips.vips_image_new_from_buffer(data, (nuint)bytes.Length, "[access=sequential,fail_on=error]", 0)), name);
            ImageLimits.Check(Vips.vips_image_get_width(image), Vips.vips_image_get_height(image), name);
            return Pixels(Srgb(scope, Upright(scope, image, name), name), name);
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

    private static nint Upright(VipsScope scope, nint image, string name)
    {
        if (Vips.vips_image_get_orientation(image) <= 1)
        {
            return image;
        }

        // A rotation reads columns, which a sequential decoder cannot deliver.
        nint decoded = Known(scope.Keep(Vips.vips_image_copy_memory(image)), name);
        return Vips.vips_autorot(decoded, out nint upright, 0) == 0 ? scope.Keep(upright) : throw Undecodable(name);
    }

    private static nint Srgb(VipsScope scope, nint image, string name)
    {
        if (Vips.vips_image_get_interpretation(image) == Vips.InterpretationSrgb && Vips.vips_image_get_format(image) == Vips.FormatUchar)
        {
            return image;
        }

        return Vips.vips_colourspace(image, out nint converted, Vips.InterpretationSrgb, 0) == 0 ? scope.Keep(converted) : throw Undecodable(name);
    }

    private static unsafe RgbImage Pixels(nint image, string name)
    {
        RgbImage result = new(Vips.vips_image_get_width(image), Vips.vips_image_get_height(image));
        int bands = Vips.vips_image_get_bands(image);
        nint memory = Vips.vips_image_write_to_memory(image, out nuint size);
        if (memory == 0)
        {
            throw Undecodable(name);
        }

        ReadOnlySpan<byte> source = new((void*)memory, checked((int)size));
        KeepThreeBands(source, bands, result.Pixels);
        Vips.g_free(memory);
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

    private static unsafe byte[] Encode(RgbImage picture, string suffix)
    {
        Vips.EnsureStarted();
        using VipsScope scope = new();
        fixed (byte* data = picture.Pixels)
        {
            nint image = scope.Keep(Vips.vips_image_new_from_memory(data, (nuint)picture.Pixels.Length, picture.Width, picture.Height, 3, Vips.FormatUchar));
            if (image == 0 || Vips.vips_image_write_to_buffer(image, suffix, out nint buffer, out nuint size, 0) != 0)
            {
                throw new CloudsException(
                    Failure.Internal, "libvips cannot encode an image", suffix, Vips.TakeError(), $"{picture.Width} x {picture.Height} pixels");
            }

            byte[] bytes = new ReadOnlySpan<byte>((void*)buffer, checked((int)size)).ToArray();
            Vips.g_free(buffer);
            return bytes;
        }
    }

    private static nint Known(nint image, string name) => image != 0 ? image : throw Undecodable(name);

    private static CloudsException Undecodable(string name) => new(
        Failure.BadInput,
        "the image cannot be decoded",
        name,
        $"libvips: {Vips.TakeError()}",
        "a complete JPEG, PNG, WebP or TIFF file",
        "copy or download the file again, or leave it out of the data set");
}
