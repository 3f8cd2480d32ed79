namespace Clouds.Training.Streets.World;

/// <summary>A context as a sentence has it.</summary>
/// <param name="First">Behind "in".</param>
/// <param name="Behind">Behind another context.</param>
internal readonly record struct WorldPhrase(string First, string Behind);

/// <summary>What captions call classes and settings.</summary>
internal static class WorldWords
{
    private static readonly string[][] Classes =
    [
        ["a road", "a street"], ["a sidewalk", "a pavement"], ["a building", "a house"], ["a wall"], ["a fence"], ["a pole"], ["a traffic light"],
        ["a traffic sign"],
        ["a tree", "trees"], ["terrain"], ["the sky"], ["a person", "a pedestrian"], ["a rider"], ["a car"], ["a truck", "a lorry"], ["a bus"], ["a train",
        "a tram"],
        ["a motorcycle", "a motorbike"], ["a bicycle", "a bike"],
    ];

    /// <summary>Words for a class, the usual one first.</summary>
    /// <param name="trainId">0..18.</param>
    public static IReadOnlyList<string> Class(int trainId) => Classes[trainId];

    /// <summary>Phrases for the time of day.</summary>
    public static WorldPhrase Light(WorldLight light) => light switch
    {
        WorldLight.Day => new("broad daylight", "in broad daylight"),
        WorldLight.Dawn => new("the light of dawn", "at dawn"),
        WorldLight.Dusk => new("the light of dusk", "at dusk"),
        WorldLight.Night => new("the dark of night", "at night"),
        WorldLight.Sunset => new("the light of sunset", "at sunset"),
        WorldLight.Neon => new("neon light", "in neon light at night"),
        _ => throw new ArgumentOutOfRangeException(nameof(light), light, "not a light"),
    };

    /// <summary>Phrases for the weather.</summary>
    public static WorldPhrase Weather(WorldWeather weather) => weather switch
    {
        WorldWeather.Clear => In("clear weather"),
        WorldWeather.Overcast => In("overcast weather"),
        WorldWeather.Rain => In("rain"),
        WorldWeather.Fog => In("fog"),
        WorldWeather.Snow => In("snow"),
        WorldWeather.Sandstorm => In("a sandstorm"),
        WorldWeather.Blizzard => In("a blizzard"),
        _ => throw new ArgumentOutOfRangeException(nameof(weather), weather, "not a weather"),
    };

    /// <summary>Phrases for the season.</summary>
    public static WorldPhrase Season(WorldSeason season) => season switch
    {
        WorldSeason.Spring => In("spring"),
        WorldSeason.Summer => In("summer"),
        WorldSeason.Autumn => In("autumn"),
        WorldSeason.Winter => In("winter"),
        _ => throw new ArgumentOutOfRangeException(nameof(season), season, "not a season"),
    };

    /// <summary>Phrases for the place.</summary>
    public static WorldPhrase Place(WorldPlace place) => place switch
    {
        WorldPlace.City => In("a city"),
        WorldPlace.Suburb => In("a suburb"),
        WorldPlace.Village => In("a village"),
        WorldPlace.Highway => new("highway traffic", "on a highway"),
        WorldPlace.Industrial => In("an industrial area"),
        WorldPlace.Harbour => In("a harbour"),
        WorldPlace.Park => In("a park"),
        WorldPlace.Forest => In("a forest"),
        _ => throw new ArgumentOutOfRangeException(nameof(place), place, "not a place"),
    };

    private static WorldPhrase In(string context) => new(context, $"in {context}");
}
