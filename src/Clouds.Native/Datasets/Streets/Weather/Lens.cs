using System.Numerics;
using Clouds.Graph.Randomness;
using Clouds.Native.Datasets.Streets.Looks;
using Clouds.Native.Datasets.Streets.Materials;
using Clouds.Native.Datasets.Streets.Painting;

namespace Clouds.Native.Datasets.Streets.Weather;

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

        film.Colours = Pass(film.Colours, film.Width, film.Height, 1, film.Width, reach);
        film.Colours = Pass(film.Colours, film.Height, film.Width, film.Width, 1, reach);
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

    private static Vector4[] Pass(Vector4[] from, int length, int lines, int step, int lineStep, float reach)
    {
        int taps = (int)MathF.Ceiling(reach);
        float[] weights = new float[taps + 1];
        float total = 0;
        for (int d = 0; d <= taps; d++)
        {
            weights[d] = 1 - (d / (reach + 1));
            total += d == 0 ? weights[d] : 2 * weights[d];
        }

        Vector4[] to = new Vector4[from.Length];
        for (int line = 0; line < lines; line++)
        {
            int start = line * lineStep;
            for (int i = 0; i < length; i++)
            {
                Vector4 sum = from[start + (i * step)] * weights[0];
                for (int d = 1; d <= taps; d++)
                {
                    sum += (from[start + (Math.Max(i - d, 0) * step)] + from[start + (Math.Min(i + d, length - 1) * step)]) * weights[d];
                }

                to[start + (i * step)] = sum * (1 / total);
            }
        }

        return to;
    }
}
