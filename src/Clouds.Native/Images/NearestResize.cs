namespace Clouds.Native.Images;

/// <summary>Nearest-neighbour resizing of label maps, with the two index rules of the reference code (method.md section 6.6).</summary>
public static class NearestResize
{
    /// <summary>Test labels: source index = floor((dst + 0.5) · in/out), as Pillow's NEAREST.</summary>
    /// <param name="map">The label map.</param>
    /// <param name="width">New width in pixels, at least 1.</param>
    /// <param name="height">New height in pixels, at least 1.</param>
    public static LabelMap Pillow(LabelMap map, int width, int height) =>
        Gather(map, PillowIndices(map.Width, width), PillowIndices(map.Height, height));

    /// <summary>Training labels: source index = floor(dst · in/out), as torch's "nearest".</summary>
    /// <param name="map">The label map.</param>
    /// <param name="width">New width in pixels, at least 1.</param>
    /// <param name="height">New height in pixels, at least 1.</param>
    public static LabelMap Torch(LabelMap map, int width, int height) => Torch(map, width, height, new PixelWindow(0, 0, width, height));

    /// <summary>A window of the map that <see cref="Torch(LabelMap, int, int)"/> gives.</summary>
    /// <param name="map">The label map.</param>
    /// <param name="width">Width of the whole resized map in pixels, at least 1.</param>
    /// <param name="height">Height of the whole resized map in pixels, at least 1.</param>
    /// <param name="window">The part wanted, inside the resized map and not empty.</param>
    public static LabelMap Torch(LabelMap map, int width, int height, PixelWindow window)
    {
        if (window.Width < 1 || window.Height < 1 || window.On(width, height) != window)
        {
            throw new ArgumentException($"{window} is not inside {width} x {height} pixels", nameof(window));
        }

        int[] columns = TorchIndices(map.Width, width)[window.X..(window.X + window.Width)];
        int[] rows = TorchIndices(map.Height, height)[window.Y..(window.Y + window.Height)];
        return Gather(map, columns, rows);
    }

    // Pillow steps along the axis by repeated addition; doing the same keeps its rounding on exact ties.
    private static int[] PillowIndices(int input, int output)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(output, 1);
        int[] indices = new int[output];
        double step = (double)input / output;
        double position = step * 0.5;
        for (int i = 0; i < output; i++, position += step)
        {
            indices[i] = Math.Min((int)position, input - 1);
        }

        return indices;
    }

    private static int[] TorchIndices(int input, int output)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(output, 1);
        int[] indices = new int[output];
        for (int i = 0; i < output; i++)
        {
            indices[i] = (int)((long)i * input / output);
        }

        return indices;
    }

    private static LabelMap Gather(LabelMap map, int[] columns, int[] rows)
    {
        LabelMap result = new(columns.Length, rows.Length);
        for (int y = 0; y < rows.Length; y++)
        {
            Span<ushort> line = result.Ids.AsSpan(y * columns.Length, columns.Length);
            if (y > 0 && rows[y] == rows[y - 1])
            {
                result.Ids.AsSpan((y - 1) * columns.Length, columns.Length).CopyTo(line);
                continue;
            }

            ReadOnlySpan<ushort> source = map.Ids.AsSpan(rows[y] * map.Width, map.Width);
            for (int x = 0; x < line.Length; x++)
            {
                line[x] = source[columns[x]];
            }
        }

        return result;
    }
}
