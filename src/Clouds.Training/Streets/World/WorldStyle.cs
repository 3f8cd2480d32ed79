using Clouds.Graph.Randomness;

namespace Clouds.Training.Streets.World;

/// <summary>Who may see a style of the wide world.</summary>
public enum WorldGroup
{
    /// <summary>The labelled source: few styles.</summary>
    Source,

    /// <summary>What foundation models see, without semantic labels.</summary>
    Wide,

    /// <summary>Target styles that foundation models have seen and the decoder has not; group A.</summary>
    Seen,

    /// <summary>Target styles that nobody has seen; group B.</summary>
    Unseen,
}

/// <summary>A style of the wide world: the settings that its scenes are drawn from. A value that a list has twice is drawn twice as often.</summary>
/// <param name="Name">What users call it.</param>
/// <param name="Group">Who may see it.</param>
/// <param name="Lights">Times of day.</param>
/// <param name="Weathers">Weathers.</param>
/// <param name="Seasons">Seasons; where snow falls it is winter.</param>
/// <param name="Places">Places.</param>
public sealed record WorldStyle(
    string Name,
    WorldGroup Group,
    IReadOnlyList<WorldLight> Lights,
    IReadOnlyList<WorldWeather> Weathers,
    IReadOnlyList<WorldSeason> Seasons,
    IReadOnlyList<WorldPlace> Places)
{
    private const WorldLight Day = WorldLight.Day;
    private const WorldLight Dawn = WorldLight.Dawn;
    private const WorldLight Dusk = WorldLight.Dusk;
    private const WorldLight Night = WorldLight.Night;
    private const WorldWeather Clear = WorldWeather.Clear;
    private const WorldWeather Overcast = WorldWeather.Overcast;
    private const WorldWeather Rain = WorldWeather.Rain;
    private const WorldWeather Fog = WorldWeather.Fog;
    private const WorldWeather Snow = WorldWeather.Snow;

    private static readonly WorldSeason[] Year = [WorldSeason.Spring, WorldSeason.Summer, WorldSeason.Autumn, WorldSeason.Winter];
    private static readonly WorldSeason[] Green = [WorldSeason.Spring, WorldSeason.Summer, WorldSeason.Autumn];
    private static readonly WorldPlace[] Towns = [WorldPlace.City, WorldPlace.Suburb];

    private static readonly WorldPlace[] Everywhere =
    [
        WorldPlace.City, WorldPlace.City, WorldPlace.Suburb, WorldPlace.Village, WorldPlace.Highway, WorldPlace.Industrial, WorldPlace.Harbour, WorldPlace.Park,
    ];

    /// <summary>Every style: the labelled source, the wide world, the target styles of group A, then those of group B.</summary>
    public static IReadOnlyList<WorldStyle> All { get; } =
    [
        new("narrow", WorldGroup.Source, [Day, Day, Dawn], [Clear, Clear, Overcast], Green, Towns),
        new("wide", WorldGroup.Wide, [Day, Day, Dawn, Dusk, Night, Night], [Clear, Clear, Overcast, Rain, Fog, Snow], Year, Everywhere),
        new("night", WorldGroup.Seen, [Night], [Clear], Year, Everywhere),
        new("dusk", WorldGroup.Seen, [Dusk], [Clear, Overcast], Year, Everywhere),
        new("fog", WorldGroup.Seen, [Day, Dawn], [Fog], Year, Everywhere),
        new("rain", WorldGroup.Seen, [Day, Day, Dusk], [Rain], Year, Everywhere),
        new("snow", WorldGroup.Seen, [Day], [Snow], Year, Everywhere),
        new("sandstorm", WorldGroup.Unseen, [WorldLight.Sunset], [WorldWeather.Sandstorm], [WorldSeason.Summer], Everywhere),
        new("neon", WorldGroup.Unseen, [WorldLight.Neon], [Clear, Rain], Year, [WorldPlace.City]),
        new("blizzard", WorldGroup.Unseen, [Day], [WorldWeather.Blizzard], [WorldSeason.Winter], [WorldPlace.Forest]),
    ];

    /// <summary>Styles of a group.</summary>
    public static IEnumerable<WorldStyle> Of(WorldGroup group) => All.Where(style => style.Group == group);

    /// <summary>Draws the setting of a scene.</summary>
    internal WorldSetting Draw(RandomStream random)
    {
        (WorldLight light, WorldWeather weather) = (Pick(Lights, random), Pick(Weathers, random));
        (WorldSeason season, WorldPlace place) = (Pick(Seasons, random), Pick(Places, random));
        return new WorldSetting(light, weather, weather == Snow ? WorldSeason.Winter : season, place);
    }

    private static T Pick<T>(IReadOnlyList<T> values, RandomStream random) => values[random.NextInt32(values.Count)];
}
