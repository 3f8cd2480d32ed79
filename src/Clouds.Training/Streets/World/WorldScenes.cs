using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Training.Streets.Looks;
using Clouds.Training.Streets.Painting;
using Clouds.Training.Streets.Scenery;

namespace Clouds.Training.Streets.World;

/// <summary>A picture of the wide world with all that is known of it.</summary>
/// <param name="Style">Its style.</param>
/// <param name="Seed">Seed of its data set.</param>
/// <param name="Index">Its number.</param>
/// <param name="Image">The picture, sRGB.</param>
/// <param name="Labels">Its train ids: 0..18, or 255 on the own bonnet and on bins.</param>
/// <param name="Regions">
/// For every pixel in raster order the number of its region, from 0: a 4-connected part of one thing, or of all that is of one class.
/// </param>
/// <param name="Setting">Light, weather, season and place.</param>
public sealed record WorldScene(WorldStyle Style, ulong Seed, int Index, RgbImage Image, LabelMap Labels, int[] Regions, WorldSetting Setting);

/// <summary>Renders scenes of the wide world: a pure function of the arguments, the same bytes on every machine and thread.</summary>
public static class WorldScenes
{
    /// <summary>Renders one scene.</summary>
    /// <param name="style">Style.</param>
    /// <param name="seed">Seed of the data set.</param>
    /// <param name="index">Number of the scene, 0 or more.</param>
    /// <param name="width">Pixels a row, 64 to 4096.</param>
    /// <param name="height">Rows, 64 to 4096.</param>
    /// <exception cref="Diagnostics.CloudsException">Usage: a side or the index is out of range.</exception>
    public static WorldScene Render(WorldStyle style, ulong seed, int index, int width, int height)
    {
        StreetScenes.Check(width, height, index);
        RandomStream random = Stream("world/setting");
        WorldSetting setting = style.Draw(random);
        bool free = style.Group != WorldGroup.Source;
        Look look = WorldLooks.Of(setting, free, random);
        Scene scene = SceneComposer.Compose(WorldPlaces.Config(setting.Place, free), look, Stream("world/scene"));
        Film film = new(width, height);
        LabelMap labels = new(width, height);
        int[] things = new int[width * height];
        new Painter(scene, width, height).Paint(film, labels, things);
        StreetScenes.Expose(scene, film, labels, Stream("world/weather"));
        return new WorldScene(style, seed, index, film.Develop(), labels, WorldRegions.Of(labels, things), setting);

        // The name, not a number, so that a style keeps its scenes when others come or go.
        RandomStream Stream(string purpose) => new(seed, $"{purpose}/{style.Name}", index);
    }
}
