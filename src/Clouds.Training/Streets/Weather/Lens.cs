using System.Numerics;
using Clouds.Graph.Randomness;
using Clouds.Training.Streets.Looks;
using Clouds.Training.Streets.Materials;
using Clouds.Training.Streets.Painting;

namespace Clouds.Training.Streets.Weather;

/// <summary>The camera itself: blur, exposure, colour and the sensor's noise.</summary>
internal static class Lens
{
    /// <summary>A separable tent filter.</summary>
    /// <param name="film">Blurred in place.</param>
    /// <param name="radius">In image heights; 0 changes nothing.</param>
    public static void Blur(Film film, double radius)
    {
        float reach = (float)(radius * film.Height);
        if (reach < 0.05f)
        {
            return;
        }

        float[] weights = Tent(reach);
        film.Colours = Along(film, weights);
        film.Colours = Across(film, weights);
    }

    /// <summary>Exposure, contrast, saturation, tint, vignette and grain.</summary>
    public static void Expose(Film film, Look look, RandomStream random)
    {
        float exposure = (float)look.Exposure.Draw(random);
        float grain = (float)look.Grain.Draw(random) * 3.46f;
        uint seed = random.NextUInt32();
        Vector4 half = new(0.5f);
        for (int y = 0; y < film.Height; y++)
        {
            float dy = (2f * y / film.Height) - 1;
            for (int x = 0; x < film.Width; x++)
            {
                float dx = (2f * x / film.Width) - 1;
                int i = (y * film.Width) + x;
                Vector4 colour = film.Colours[i] * look.Tint * (exposure * (1 - (look.Vignette * 0.5f * ((dx * dx) + (dy * dy)))));
                Vector4 grey = new(Colour.Grey(colour));
                colour = grey + ((colour - grey) * look.Saturation);
                film.Colours[i] = half + ((colour - half) * look.Contrast) + (Speckle(x, y, seed) * grain);
            }
        }
    }

    /// <summary>Zero-mean noise a pixel, more in the brightness than in the hue; variance 1/12 or so a channel.</summary>
    private static Vector4 Speckle(int x, int y, uint seed)
    {
        uint bits = NoiseTile.Hash(x, y, seed);
        float shared = ((bits & 255) / 255f) - 0.5f;
        Vector4 own = (new Vector4((bits >> 8) & 255, (bits >> 16) & 255, bits >> 24, 0) * (1 / 255f)) - new Vector4(0.5f);
        return (new Vector4(shared) * 0.8f) + (own * 0.6f);
    }

    private static Vector4[] Along(Film film, ReadOnlySpan<float> weights)
    {
        Vector4[] from = film.Colours;
        Vector4[] to = new Vector4[from.Length];
        int last = film.Width - 1;
        for (int i = 0; i < from.Length; i++)
        {
            int x = i % film.Width;
            Vector4 sum = from[i] * weights[0];
            for (int d = 1; d < weights.Length; d++)
            {
                sum += (from[i - Math.Min(d, x)] + from[i + Math.Min(d, last - x)]) * weights[d];
            }

            to[i] = sum;
        }

        return to;
    }

    private static Vector4[] Across(Film film, ReadOnlySpan<float> weights)
    {
        Vector4[] from = film.Colours;
        Vector4[] to = new Vector4[from.Length];
        int last = film.Height - 1;
        for (int i = 0; i < from.Length; i++)
        {
            int y = i / film.Width;
            Vector4 sum = from[i] * weights[0];
            for (int d = 1; d < weights.Length; d++)
            {
                sum += (from[i - (Math.Min(d, y) * film.Width)] + from[i + (Math.Min(d, last - y) * film.Width)]) * weights[d];
            }

            to[i] = sum;
        }

        return to;
    }

    /// <summary>Centre and one half of a tent that sums to 1.</summary>
    private static float[] Tent(float reach)
    {
        float[] weights = new float[(int)MathF.Ceiling(reach) + 1];
        float total = 0;
        for (int d = 0; d < weights.Length; d++)
        {
            weights[d] = 1 - (d / (reach + 1));
            total += d == 0 ? weights[d] : 2 * weights[d];
        }

        for (int d = 0; d < weights.Length; d++)
        {
            weights[d] /= total;
        }

        return weights;
    }
}
