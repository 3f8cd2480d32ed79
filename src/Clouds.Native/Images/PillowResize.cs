using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Clouds.Native.Images;

/// <summary>
/// Bilinear resizing with the bits of Pillow's Image.resize(size, BILINEAR) on 8-bit images, which is what the reference
/// code trains and tests with (method.md section 6.6): a separable triangle filter, widened when shrinking
/// (antialias), horizontal pass then vertical, each rounded to 8 bits.
/// </summary>
public static class PillowResize
{
    private const int Half = 1 << (ResizeTaps.FractionBits - 1);

    /// <summary>Resizes a whole image.</summary>
    /// <param name="image">The image; returned itself where the size does not change.</param>
    /// <param name="width">New width in pixels, at least 1.</param>
    /// <param name="height">New height in pixels, at least 1.</param>
    public static RgbImage Bilinear(RgbImage image, int width, int height) => Bilinear(image, width, height, new PixelWindow(0, 0, width, height));

    /// <summary>Computes only a window of the resized image; the same bits as cutting it from the whole one.</summary>
    /// <param name="image">The image.</param>
    /// <param name="width">Width of the whole resized image in pixels, at least 1.</param>
    /// <param name="height">Height of the whole resized image in pixels, at least 1.</param>
    /// <param name="window">The part wanted, inside the resized image and not empty.</param>
    public static RgbImage Bilinear(RgbImage image, int width, int height, PixelWindow window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (window.Width < 1 || window.Height < 1 || window.On(width, height) != window)
        {
            throw new ArgumentException($"{window} is not inside {width} x {height} pixels", nameof(window));
        }

        ResizeTaps rows = new(image.Height, height, window.Y, window.Height);
        int top = rows.Starts[0];
        int bottom = rows.Starts[^1] + rows.Counts[^1];
        bool sameHeight = height == image.Height;
        RgbImage narrow = sameHeight
            ? Horizontal(image, width, window.X, window.Width, window.Y, window.Height)
            : Horizontal(image, width, window.X, window.Width, top, bottom - top);
        return sameHeight ? narrow : Vertical(narrow, rows, top);
    }

    // Output columns left .. left + columns - 1 of image rows top .. top + rows - 1.
    private static RgbImage Horizontal(RgbImage image, int width, int left, int columns, int top, int rows)
    {
        if (width == image.Width)
        {
            return Crop(image, left, columns, top, rows);
        }

        RgbImage result = new(columns, rows);
        ResizeTaps taps = new(image.Width, width, left, columns);
        byte[] padded = new byte[(3 * image.Width) + 1];
        for (int y = 0; y < rows; y++)
        {
            // One spare byte, so that the last pixel can be loaded as four bytes like the others.
            image.Pixels.AsSpan(3 * (top + y) * image.Width, 3 * image.Width).CopyTo(padded);
            HorizontalRow(padded, taps, result.Pixels.AsSpan(3 * y * columns, 3 * columns));
        }

        return result;
    }

    private static RgbImage Crop(RgbImage image, int left, int columns, int top, int rows)
    {
        if (columns == image.Width && rows == image.Height)
        {
            return image;
        }

        RgbImage result = new(columns, rows);
        for (int y = 0; y < rows; y++)
        {
            image.Pixels.AsSpan(3 * (((top + y) * image.Width) + left), 3 * columns).CopyTo(result.Pixels.AsSpan(3 * y * columns));
        }

        return result;
    }

    private static void HorizontalRow(ReadOnlySpan<byte> row, ResizeTaps taps, Span<byte> destination)
    {
        for (int x = 0; x < taps.Starts.Length; x++)
        {
            ReadOnlySpan<int> weights = taps.Weights(x);
            ReadOnlySpan<byte> pixels = row.Slice(3 * taps.Starts[x], (3 * weights.Length) + 1);
            ref byte pixel = ref MemoryMarshal.GetReference(pixels);
            Vector128<int> sum = Vector128.Create(Half);
            for (int tap = 0; tap < weights.Length; tap++)
            {
                Vector128<byte> bytes = Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref pixel, 3 * tap))).AsByte();
                sum += Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32() * weights[tap];
            }

            sum = Vector128.ShiftRightArithmetic(sum, ResizeTaps.FractionBits);
            destination[(3 * x) + 2] = (byte)sum[2];
            destination[(3 * x) + 1] = (byte)sum[1];
            destination[3 * x] = (byte)sum[0];
        }
    }

    private static RgbImage Vertical(RgbImage narrow, ResizeTaps rows, int top)
    {
        RgbImage result = new(narrow.Width, rows.Starts.Length);
        int stride = 3 * narrow.Width;
        for (int y = 0; y < result.Height; y++)
        {
            ReadOnlySpan<byte> source = narrow.Pixels.AsSpan((rows.Starts[y] - top) * stride);
            VerticalRow(source, stride, rows.Weights(y), result.Pixels.AsSpan(y * stride, stride));
        }

        return result;
    }

    private static void VerticalRow(ReadOnlySpan<byte> source, int stride, ReadOnlySpan<int> weights, Span<byte> destination)
    {
        int i = 0;
        for (; i <= stride - 16; i += 16)
        {
            Vector512<int> sum = Vector512.Create(Half);
            for (int tap = 0; tap < weights.Length; tap++)
            {
                Vector256<ushort> words = Vector256.WidenLower(Vector128.Create(source[((tap * stride) + i)..]).ToVector256());
                sum += Vector512.WidenLower(words.ToVector512()).AsInt32() * weights[tap];
            }

            sum = Vector512.ShiftRightArithmetic(sum, ResizeTaps.FractionBits);
            Vector256<short> halves = Vector256.Narrow(sum.GetLower(), sum.GetUpper());
            Vector128.Narrow(halves.GetLower(), halves.GetUpper()).AsByte().CopyTo(destination[i..]);
        }

        for (; i < stride; i++)
        {
            int sum = Half;
            for (int tap = 0; tap < weights.Length; tap++)
            {
                sum += source[(tap * stride) + i] * weights[tap];
            }

            destination[i] = (byte)(sum >> ResizeTaps.FractionBits);
        }
    }
}
