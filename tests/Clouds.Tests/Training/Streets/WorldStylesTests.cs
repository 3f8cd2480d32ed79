using Clouds.Graph.Randomness;
using Clouds.Training.Streets.World;

namespace Clouds.Tests.Training.Streets;

[Kind(TestKind.Fast)]
public sealed class WorldStylesTests
{
    [Fact]
    public void Groups_DrawnSettings_AreDisjoint()
    {
        HashSet<(WorldLight, WorldWeather)> source = Skies(WorldGroup.Source);
        HashSet<(WorldLight, WorldWeather)> wide = Skies(WorldGroup.Wide);
        HashSet<(WorldLight, WorldWeather)> seen = Skies(WorldGroup.Seen);
        HashSet<(WorldLight, WorldWeather)> unseen = Skies(WorldGroup.Unseen);
        Assert.Subset(wide, source);
        Assert.Subset(wide, seen);
        Assert.Empty(seen.Intersect(source));
        Assert.Empty(unseen.Intersect(wide));
    }

    [Fact]
    public void Unseen_EachStyle_HasALightAndAWeatherOrPlaceThatNobodySaw()
    {
        WorldStyle wide = WorldStyle.Of(WorldGroup.Wide).Single();
        Assert.All(WorldStyle.Of(WorldGroup.Unseen), style => Assert.True(
            !style.Lights.Intersect(wide.Lights).Any() || !style.Weathers.Intersect(wide.Weathers).Any(), style.Name));
    }

    [Fact]
    public void Wide_ManyScenes_ShowEveryValueOfItsLists()
    {
        WorldStyle wide = WorldStyle.Of(WorldGroup.Wide).Single();
        WorldSetting[] drawn = Drawn(wide);
        Assert.Equal(wide.Lights.Distinct().Order(), drawn.Select(setting => setting.Light).Distinct().Order());
        Assert.Equal(wide.Weathers.Distinct().Order(), drawn.Select(setting => setting.Weather).Distinct().Order());
        Assert.Equal(wide.Seasons.Distinct().Order(), drawn.Select(setting => setting.Season).Distinct().Order());
        Assert.Equal(wide.Places.Distinct().Order(), drawn.Select(setting => setting.Place).Distinct().Order());
    }

    [Fact]
    public void Snow_AnyStyle_FallsInWinter() => Assert.All(WorldStyle.All.SelectMany(Drawn), setting =>
        Assert.True(setting.Weather is not (WorldWeather.Snow or WorldWeather.Blizzard) || setting.Season == WorldSeason.Winter, $"{setting}"));

    private static HashSet<(WorldLight, WorldWeather)> Skies(WorldGroup group) =>
        [.. WorldStyle.Of(group).SelectMany(Drawn).Select(setting => (setting.Light, setting.Weather))];

    private static WorldSetting[] Drawn(WorldStyle style) => [.. Enumerable.Range(0, 400).Select(i => style.Draw(new RandomStream(1, "test", i)))];
}
