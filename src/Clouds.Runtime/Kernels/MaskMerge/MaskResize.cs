namespace Clouds.Runtime.Kernels;

/// <summary>
/// Segment Anything's mask logits at an image's own size, by the two resizes of the reference: the values whose sign <see cref="MaskMerge"/> looks at, to
/// the bit, for any number of threads.
/// </summary>
public static unsafe class MaskResize
{
    private const int Side = MaskTile.Side;

    /// <summary>Resizes planes of logits.</summary>
    /// <param name="geometry">Sizes.</param>
    /// <param name="logits">[N, MaskHeight, MaskWidth].</param>
    /// <param name="values">Receives [N, OutputHeight, OutputWidth].</param>
    /// <param name="threads">0 = one a processor.</param>
    /// <param name="cancellation">Stops between rows of tiles.</param>
    /// <exception cref="ArgumentException">Sizes and lengths do not fit together.</exception>
    public static void Run(
        MaskGeometry geometry, ReadOnlySpan<float> logits, Span<float> values, int threads = 0, CancellationToken cancellation = default)
    {
        geometry.Check();
        int planes = logits.Length / geometry.MaskPixels;
        if (logits.Length % geometry.MaskPixels != 0 || values.Length != (long)planes * geometry.Pixels)
        {
            throw new ArgumentException($"mask resize: {logits.Length} logits and {values.Length} values do not fit {geometry}");
        }

        MaskTile tiles = new(geometry);
        fixed (float* from = logits, to = values)
        {
            float* source = from;
            float* target = to;
            WorkSplit.Run(threads, planes * tiles.Rows, (first, end) => Rows(geometry, tiles, source, target, first, end), cancellation);
        }
    }

    private static void Rows(MaskGeometry geometry, MaskTile tiles, float* logits, float* values, int first, int end)
    {
        float* scratch = Scratch.Floats(tiles.ScratchFloats);
        float* tile = stackalloc float[Side * Side];
        for (int row = first; row < end; row++)
        {
            (int plane, int tileY) = Math.DivRem(row, tiles.Rows);
            float* target = values + ((long)plane * geometry.Pixels);
            for (int tileX = 0; tileX < tiles.Columns; tileX++)
            {
                tiles.Interpolate(logits + ((long)plane * geometry.MaskPixels), tileY, tileX, tile, scratch);
                Copy(geometry, tile, tileY * Side, tileX * Side, target);
            }
        }
    }

    private static void Copy(MaskGeometry geometry, float* tile, int top, int left, float* target)
    {
        int columns = Math.Min(Side, geometry.OutputWidth - left);
        for (int y = top; y < Math.Min(top + Side, geometry.OutputHeight); y++)
        {
            new ReadOnlySpan<float>(tile + ((y - top) * Side), columns).CopyTo(new Span<float>(target + ((long)y * geometry.OutputWidth) + left, columns));
        }
    }
}
