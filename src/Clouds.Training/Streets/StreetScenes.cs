using Clouds.Diagnostics;
using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Training.Streets.Looks;
using Clouds.Training.Streets.Painting;
using Clouds.Training.Streets.Scenery;
using Clouds.Training.Streets.Weather;

namespace Clouds.Training.Streets;

/// <summary>
/// The built-in data set: endless labelled street scenes, drawn by rule. It stands in for GTA (style Source) and for the unseen cities
/// where no downloaded data may be used. A picture is a pure function of its arguments: the same bytes on every machine and thread.
/// </summary>
public static class StreetScenes
{
    /// <summary>Smallest side of an image in pixels.</summary>
    public const int SmallestSide = 64;

    /// <summary>Largest side of an image in pixels.</summary>
    public const int LargestSide = 4096;

    /// <summary>Renders one scene of a style; see <see cref="Render(StreetConfig, ulong, int, int, int)"/>.</summary>
    public static (RgbImage Image, LabelMap Labels) Render(StreetStyle style, ulong seed, int index, int width, int height) =>
        Render(StreetConfig.For(style), seed, index, width, height);

    /// <summary>Renders one scene.</summary>
    /// <param name="config">What stands in the street and, by its style, how it looks.</param>
    /// <param name="seed">Seed of the data set.</param>
    /// <param name="index">Number of the scene, 0 or more; the sequence has no end.</param>
    /// <param name="width">Pixels a row, 64 to 4096. The field of view follows the height: a wider image shows more of the same scene.</param>
    /// <param name="height">Rows, 64 to 4096.</param>
    /// <returns>The image (sRGB) and its train ids: 0..18, or 255 on the own bonnet and on bins. Owned by the caller.</returns>
    /// <exception cref="CloudsException">Usage: a side or the index is out of range, or the densities ask for too many objects.</exception>
    public static (RgbImage Image, LabelMap Labels) Render(StreetConfig config, ulong seed, int index, int width, int height)
    {
        Check(width, height, index);
        Look look = StreetStyles.Look(config.Style);
        Scene scene = SceneComposer.Compose(config, look, new RandomStream(seed, "streets/scene", index, (int)config.Style));
        Film film = new(width, height);
        LabelMap labels = new(width, height);
        new Painter(scene, width, height).Paint(film, labels, []);
        Expose(scene, film, labels, new RandomStream(seed, "streets/weather", index, (int)config.Style));
        return (film.Develop(), labels);
    }

    /// <summary>Refuses what cannot be rendered.</summary>
    internal static void Check(int width, int height, int index)
    {
        Check("width", width, SmallestSide, LargestSide);
        Check("height", height, SmallestSide, LargestSide);
        Check("index", index, 0, int.MaxValue);
    }

    /// <summary>Weather and camera.</summary>
    internal static void Expose(Scene scene, Film film, LabelMap labels, RandomStream random)
    {
        Look look = scene.Look;
        new Atmosphere(scene, film).Apply(labels, (float)look.HazeDensity.Draw(random));
        Precipitation.Snow(film, look.Flakes, random);
        Precipitation.Rain(film, look.Streaks, random);
        Lens.Blur(film, look.Blur.Draw(random));
        Lens.Expose(film, look, random);
    }

    private static void Check(string name, int value, int low, int high)
    {
        if (value < low || value > high)
        {
            throw new CloudsException(
                Failure.Usage, "a street scene cannot be rendered like this", name, $"{value}", $"{low} to {high}", $"choose another {name}");
        }
    }
}
