using Clouds.Native.Images;

namespace Clouds.Training.Augmentation;

/// <summary>Blurring by a Gaussian, rows and columns one after the other; beyond the border the image is mirrored.</summary>
public static class GaussianBlur
{
    // What lies further out weighs less than half a step of 0..255.
    private const double Reach = 3;

    /// <summary>The blurred image, a new one.</summary>
    /// <param name="image">The image; not changed.</param>
    /// <param name="sigma">Standard deviation in pixels, above 0.</param>
    public static RgbImage Apply(RgbImage image, double sigma)
    {
        double[] kernel = Kernel(sigma);
        RgbImage result = new(image.Width, image.Height);
        float[] rows = new float[image.Pixels.Length];
        Along(image.Width, image.Height, 3, 3 * image.Width, kernel, i => image.Pixels[i], (i, value) => rows[i] = (float)value);
        Along(image.Height, image.Width, 3 * image.Width, 3, kernel, i => rows[i], (i, value) => result.Pixels[i] = (byte)Math.Clamp(value + 0.5, 0, 255));
        return result;
    }

    // From the centre outwards; all of both sides sums to 1.
    private static double[] Kernel(double sigma)
    {
        double[] kernel = [.. Enumerable.Range(0, (int)Math.Ceiling(Reach * sigma) + 1).Select(i => Math.Exp(-i * i / (2 * sigma * sigma)))];
        double sum = (2 * kernel.Sum()) - kernel[0];
        return Array.ConvertAll(kernel, weight => weight / sum);
    }

    private static void Along(int length, int lines, int step, int lineStep, double[] kernel, Func<int, double> read, Action<int, double> write)
    {
        for (int line = 0; line < lines; line++)
        {
            for (int at = 0; at < length; at++)
            {
                for (int channel = 0; channel < 3; channel++)
                {
                    int start = (line * lineStep) + channel;
                    double sum = kernel[0] * read(start + (at * step));
                    for (int i = 1; i < kernel.Length; i++)
                    {
                        sum += kernel[i] * (read(start + (Mirrored(at - i, length) * step)) + read(start + (Mirrored(at + i, length) * step)));
                    }

                    write(start + (at * step), sum);
                }
            }
        }
    }

    // Without the border pixel twice.
    private static int Mirrored(int at, int length)
    {
        int period = Math.Max(1, 2 * (length - 1));
        int there = Math.Abs(at) % period;
        return there < length ? there : period - there;
    }
}
