using System.Buffers;
using System.Numerics;
using Clouds.Native.Images;

namespace Clouds.Training.Evaluation;

/// <summary>
/// Which pixels of a label map lie inside: all pixels around them, up to a distance in rows and columns, are of their class, and on the image. That is
/// erosion of every class's mask at once: the square around a pixel is of one class where its smallest and its largest id are the same. Dispose it.
/// </summary>
internal sealed class BoundaryMap : IDisposable
{
    private readonly int _width;
    private readonly int _height;
    private readonly int _distance;
    private readonly byte[] _least;
    private readonly byte[] _most;
    private readonly bool[] _row;

    /// <param name="map">Train ids.</param>
    /// <param name="truth">Where this is 255, a pixel counts as one of whatever class.</param>
    /// <param name="distance">Pixels, 1 or more.</param>
    public BoundaryMap(LabelMap map, LabelMap truth, int distance)
    {
        (_width, _height, _distance) = (map.Width, map.Height, distance);
        int pixels = map.Ids.Length;
        _least = ArrayPool<byte>.Shared.Rent(pixels);
        _most = ArrayPool<byte>.Shared.Rent(pixels);
        _row = new bool[_width];
        for (int i = 0; i < pixels; i++)
        {
            bool any = truth.Ids[i] == LabelMap.Ignore;
            (_least[i], _most[i]) = (any ? byte.MaxValue : (byte)map.Ids[i], any ? byte.MinValue : (byte)map.Ids[i]);
        }

        foreach (int stride in new[] { 1, _width })
        {
            Slide<Smaller>(_least.AsSpan(0, pixels), stride);
            Slide<Larger>(_most.AsSpan(0, pixels), stride);
        }
    }

    private int Side => (2 * _distance) + 1;

    /// <summary>Whether each pixel of a row lies inside; until the next call.</summary>
    public ReadOnlySpan<bool> Row(int y)
    {
        Array.Clear(_row);
        if (y >= _distance && y < _height - _distance)
        {
            int corner = (y - _distance) * _width;
            for (int x = _distance; x < _width - _distance; x++)
            {
                _row[x] = _least[corner + x - _distance] == _most[corner + x - _distance];
            }
        }

        return _row;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_least);
        ArrayPool<byte>.Shared.Return(_most);
    }

    // Each pixel becomes the choice among itself and those behind it, as many as the square has; twice as many with each pass. A run that begins on one row
    // and ends on the next begins too near to the border to be asked for.
    private void Slide<T>(Span<byte> pixels, int stride)
        where T : IChoice
    {
        for (int have = 1, step; have < Side; have += step)
        {
            step = Math.Min(have, Side - have);
            int ahead = step * stride;
            int count = Math.Max(0, pixels.Length - ahead);
            Choose<T>(pixels[..count], pixels.Slice(Math.Min(ahead, pixels.Length), count));
        }
    }

    // In place from the front: what is read ahead has not been written yet.
    private static void Choose<T>(Span<byte> pixels, ReadOnlySpan<byte> ahead)
        where T : IChoice
    {
        int i = 0;
        for (; i <= pixels.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            T.Of(new Vector<byte>(pixels[i..]), new Vector<byte>(ahead[i..])).CopyTo(pixels[i..]);
        }

        for (; i < pixels.Length; i++)
        {
            pixels[i] = T.Of(pixels[i], ahead[i]);
        }
    }

    private interface IChoice
    {
        static abstract Vector<byte> Of(Vector<byte> left, Vector<byte> right);

        static abstract byte Of(byte left, byte right);
    }

    private readonly struct Smaller : IChoice
    {
        public static Vector<byte> Of(Vector<byte> left, Vector<byte> right) => Vector.Min(left, right);

        public static byte Of(byte left, byte right) => Math.Min(left, right);
    }

    private readonly struct Larger : IChoice
    {
        public static Vector<byte> Of(Vector<byte> left, Vector<byte> right) => Vector.Max(left, right);

        public static byte Of(byte left, byte right) => Math.Max(left, right);
    }
}
