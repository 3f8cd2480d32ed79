using System.Numerics;

namespace Clouds.Native.Refinement;

/// <summary>Pixels of an image, one bit each of the box that holds them. Immutable.</summary>
public sealed class PixelMask
{
    internal const int WordBits = 32;

    private readonly uint[] _words;
    private readonly int _firstRow;
    private readonly int _rows;
    private readonly int _firstWord;
    private readonly int _wordsPerRow;

    private PixelMask(int width, int height, (int FirstRow, int Rows, int FirstWord, int Words) box, uint[] words)
    {
        (Width, Height, _words) = (width, height, words);
        (_firstRow, _rows, _firstWord, _wordsPerRow) = box;
        foreach (uint word in words)
        {
            Area += BitOperations.PopCount(word);
        }
    }

    /// <summary>Pixels a row of the image.</summary>
    public int Width { get; }

    /// <summary>Rows of the image.</summary>
    public int Height { get; }

    /// <summary>Pixels of the mask.</summary>
    public int Area { get; }

    /// <summary>Bytes that the mask takes.</summary>
    internal long Bytes => sizeof(uint) * (long)_words.Length;

    /// <summary>Whether a pixel of the image lies in the mask.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such pixel.</exception>
    public bool Contains(int x, int y)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)x, (uint)Width, nameof(x));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height, nameof(y));
        int word = (x / WordBits) - _firstWord;
        int row = y - _firstRow;
        return row >= 0 && row < _rows && word >= 0 && word < _wordsPerRow && (_words[(row * _wordsPerRow) + word] >> (x % WordBits) & 1) != 0;
    }

    /// <summary>Words of a row of a plane.</summary>
    internal static int Words(int width) => (width + WordBits - 1) / WordBits;

    /// <summary>A mask of a plane of bits [height, ⌈width / 32⌉], which is copied.</summary>
    internal static PixelMask Of(ReadOnlySpan<uint> plane, int width, int height)
    {
        int words = Words(width);
        (int top, int bottom, int left, int right) = (height, -1, words, -1);
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<uint> row = plane.Slice(y * words, words);
            int first = row.IndexOfAnyExcept(0u);
            if (first >= 0)
            {
                (top, bottom, left, right) = (Math.Min(top, y), y, Math.Min(left, first), Math.Max(right, row.LastIndexOfAnyExcept(0u)));
            }
        }

        if (bottom < 0)
        {
            return new PixelMask(width, height, default, []);
        }

        (int rows, int columns) = (bottom - top + 1, right - left + 1);
        uint[] inside = new uint[rows * columns];
        for (int y = 0; y < rows; y++)
        {
            plane.Slice(((top + y) * words) + left, columns).CopyTo(inside.AsSpan(y * columns));
        }

        return new PixelMask(width, height, (top, rows, left, columns), inside);
    }

    /// <summary>Pixels of the mask whose bit is set in a plane [height, ⌈width / 32⌉].</summary>
    internal int CountIn(ReadOnlySpan<uint> plane)
    {
        int count = 0;
        int words = Words(Width);
        for (int y = 0; y < _rows; y++)
        {
            ReadOnlySpan<uint> row = plane.Slice(((_firstRow + y) * words) + _firstWord, _wordsPerRow);
            for (int i = 0; i < _wordsPerRow; i++)
            {
                count += BitOperations.PopCount(row[i] & _words[(y * _wordsPerRow) + i]);
            }
        }

        return count;
    }
}
