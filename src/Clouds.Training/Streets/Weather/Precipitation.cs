using System.Numerics;
using Clouds.Graph.Randomness;
using Clouds.Training.Streets.Materials;
using Clouds.Training.Streets.Painting;

namespace Clouds.Training.Streets.Weather;

/// <summary>Snowflakes and rain streaks in front of the lens; sizes are relative to the image height.</summary>
internal static class Precipitation
{
    private static readonly Vector4 Flake = Colour.Of(0xFAFAFC);
    private static readonly Vector4 Drop = Colour.Of(0xC8CED4);

    /// <summary>Flakes of all sizes, few of them large.</summary>
    public static void Snow(Film film, float amount, RandomStream random)
    {
        int count = (int)(700 * amount);
        for (int i = 0; i < count; i++)
        {
            double x = random.NextDouble() * film.Width;
            double y = random.NextDouble() * film.Height;
            double t = random.NextDouble();
            double radius = (0.0012 + (0.009 * t * t * t * t)) * film.Height;
            Dab(film, Flake, x, y, radius, radius, 0.75f - (0.35f * (float)t), 0);
        }
    }

    /// <summary>Thin slanted streaks.</summary>
    public static void Rain(Film film, float amount, RandomStream random)
    {
        int count = (int)(450 * amount);
        double slant = random.NextDouble(-0.3, 0.3);
        for (int i = 0; i < count; i++)
        {
            double x = random.NextDouble() * film.Width;
            double y = random.NextDouble() * film.Height;
            double length = random.NextDouble(0.015, 0.06) * film.Height;
            Dab(film, Drop, x, y, 0.0011 * film.Height, length, (float)random.NextDouble(0.1, 0.4), slant);
        }
    }

    /// <summary>A soft ellipse, sheared sideways; where it is thinner than a pixel it gets fainter instead.</summary>
    private static void Dab(Film film, Vector4 colour, double x, double y, double radiusX, double radiusY, float strength, double slant)
    {
        double drawnX = Math.Max(radiusX, 0.6);
        strength *= (float)(radiusX / drawnX);
        int bottom = (int)Math.Min(film.Height - 1, y + radiusY);
        for (int row = (int)Math.Max(0, y - radiusY); row <= bottom; row++)
        {
            double centre = x + ((row - y) * slant);
            int right = (int)Math.Min(film.Width - 1, centre + drawnX);
            for (int column = (int)Math.Max(0, centre - drawnX); column <= right; column++)
            {
                double dx = (column + 0.5 - centre) / drawnX;
                double dy = (row + 0.5 - y) / Math.Max(radiusY, 0.6);
                float weight = strength * (float)Math.Max(0, 1 - (dx * dx) - (dy * dy));
                int i = (row * film.Width) + column;
                film.Colours[i] = Colour.Mix(film.Colours[i], colour, weight);
            }
        }
    }
}
