using System.Buffers.Binary;
using Clouds.Native.Images;
using NetVips;
using VipsImage = NetVips.Image;

namespace Clouds.Tests.Native.Images;

/// <summary>Image files written by libvips whose headers, or whose samples, are not what a photograph's are.</summary>
internal static class DeclaredSizes
{
    /// <summary>A small picture whose header declares another size.</summary>
    /// <param name="format">Ending and options as libvips has them.</param>
    /// <param name="width">Declared width; below 16384.</param>
    /// <param name="height">Declared height; likewise.</param>
    public static byte[] With(string format, ushort width, ushort height)
    {
        byte[] file = Black(format, 40, 30);
        return format.Split('[')[0] switch
        {
            ".jpg" => Jpegs.Declaring(file, width, height),
            ".png" => new PngWriter(width, height, 8, 2, 3).Wrap(PngWriter.Compress(new byte[4000])),
            ".webp" => Webp(file, width, height),
            _ => Tiff(file, new() { [256] = width, [257] = height, [278] = height }),
        };
    }

    /// <summary>A black picture.</summary>
    public static byte[] Black(string format, int width, int height)
    {
        Vips.EnsureStarted();
        using VipsImage gray = VipsImage.Black(width, height);
        using VipsImage colour = gray.Bandjoin(gray, gray);
        using VipsImage image = format.Contains("bitdepth", StringComparison.Ordinal) ? gray.Copy() : colour.Copy(interpretation: Enums.Interpretation.Srgb);
        return image.WriteToBuffer(format);
    }

    /// <summary>A square TIFF in one tile of another size.</summary>
    public static byte[] TiffWithTiles(int side, int tile) => Tiff(Black(".tif[tile=true]", side, side), new() { [322] = tile, [323] = tile });

    /// <summary>A TIFF of any samples.</summary>
    public static byte[] TiffOf(Enums.BandFormat format, int bands)
    {
        Vips.EnsureStarted();
        using VipsImage gray = VipsImage.Black(40, 24).Cast(format);
        using VipsImage image = bands == 1 ? gray.Copy() : gray.Bandjoin(gray, gray);
        return image.WriteToBuffer(".tif");
    }

    private static byte[] Webp(byte[] file, int width, int height)
    {
        int lossless = file.AsSpan().IndexOf("VP8L"u8);
        int lossy = file.AsSpan().IndexOf("VP8 "u8);
        if (lossless > 0)
        {
            uint size = (uint)((width - 1) | ((height - 1) << 14));
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(lossless + 9), size);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(lossy + 14), (ushort)width);
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(lossy + 16), (ushort)height);
        }

        int extended = file.AsSpan().IndexOf("VP8X"u8);
        if (extended > 0)
        {
            // Three bytes each.
            long canvas = width - 1 + ((height - 1L) << 24);
            BitConverter.GetBytes(canvas).AsSpan(0, 6).CopyTo(file.AsSpan(extended + 12));
        }

        return file;
    }

    private static byte[] Tiff(byte[] file, Dictionary<int, int> tags)
    {
        bool big = file[2] == 43;
        int directory = (int)(big ? BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(8)) : BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4)));
        int entries = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(directory));
        (int first, int length, int value) = big ? (8, 20, 12) : (2, 12, 8);
        for (int i = 0; i < entries; i++)
        {
            Span<byte> entry = file.AsSpan(directory + first + (i * length), length);
            if (tags.TryGetValue(BinaryPrimitives.ReadUInt16LittleEndian(entry), out int number))
            {
                BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], 4);
                BinaryPrimitives.WriteInt32LittleEndian(entry[value..], number);
            }
        }

        return file;
    }
}
