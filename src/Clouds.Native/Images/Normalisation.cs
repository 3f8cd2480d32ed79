namespace Clouds.Native.Images;

/// <summary>What is subtracted from and divided through each colour channel, R, G, B, on the scale 0..255 (method.md section 1.1).</summary>
/// <param name="mean">Three numbers.</param>
/// <param name="deviation">Three numbers, none of them 0.</param>
public sealed class Normalisation(IReadOnlyList<double> mean, IReadOnlyList<double> deviation)
{
    /// <summary>What is subtracted: three numbers.</summary>
    public IReadOnlyList<double> Mean { get; } = mean;

    /// <summary>What is divided through: three numbers.</summary>
    public IReadOnlyList<double> Deviation { get; } = deviation;

    /// <summary>
    /// Writes an image as network input: planes R, G, B, normalised, at the top left; the rest of the planes is 0, as padding comes after
    /// normalisation.
    /// </summary>
    /// <param name="image">At most as large as the planes.</param>
    /// <param name="planes">3 · height · width floats, overwritten.</param>
    /// <param name="width">Columns of a plane.</param>
    /// <param name="height">Rows of a plane.</param>
    public void Write(RgbImage image, Span<float> planes, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(image.Width, width);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(image.Height, height);
        ArgumentOutOfRangeException.ThrowIfNotEqual(planes.Length, 3 * width * height);
        planes.Clear();
        Span<float> table = stackalloc float[256];
        for (int channel = 0; channel < 3; channel++)
        {
            FillTable(table, channel);
            Span<float> plane = planes.Slice(channel * width * height, width * height);
            for (int y = 0; y < image.Height; y++)
            {
                ReadOnlySpan<byte> row = image.Pixels.AsSpan(3 * y * image.Width, 3 * image.Width);
                Span<float> target = plane.Slice(y * width, image.Width);
                for (int x = 0; x < target.Length; x++)
                {
                    target[x] = table[row[(3 * x) + channel]];
                }
            }
        }
    }

    private void FillTable(Span<float> table, int channel)
    {
        for (int level = 0; level < table.Length; level++)
        {
            table[level] = (level - (float)Mean[channel]) / (float)Deviation[channel];
        }
    }
}
