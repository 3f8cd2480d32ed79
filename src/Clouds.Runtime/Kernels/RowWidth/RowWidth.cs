namespace Clouds.Runtime.Kernels;

/// <summary>Copies rows of one width to rows of another: cut, or filled up with zeros.</summary>
public static partial class RowWidth
{
    /// <summary>Copies.</summary>
    /// <param name="source">[rows, <paramref name="sourceWidth"/>].</param>
    /// <param name="sourceWidth">Floats a row, at least 1.</param>
    /// <param name="target">[rows, <paramref name="targetWidth"/>], overwritten.</param>
    /// <param name="targetWidth">Floats a row, at least 1.</param>
    public static void Run(ReadOnlySpan<float> source, int sourceWidth, Span<float> target, int targetWidth)
    {
        Check(source.Length, sourceWidth, target.Length, targetWidth);
        int kept = Math.Min(sourceWidth, targetWidth);
        for (int row = 0; row < source.Length / sourceWidth; row++)
        {
            Span<float> own = target.Slice(row * targetWidth, targetWidth);
            source.Slice(row * sourceWidth, kept).CopyTo(own);
            own[kept..].Clear();
        }
    }

    private static void Check(long source, int sourceWidth, long target, int targetWidth)
    {
        if (sourceWidth < 1 || targetWidth < 1 || source % sourceWidth != 0 || target != source / sourceWidth * targetWidth)
        {
            throw new ArgumentException($"row width: {source} floats in rows of {sourceWidth} do not become {target} in rows of {targetWidth}");
        }
    }
}
