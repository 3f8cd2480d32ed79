namespace Clouds.Training.Streets.World;

/// <summary>Time of day of a scene of the wide world.</summary>
public enum WorldLight
{
    /// <summary>High sun, or a bright sky.</summary>
    Day,

    /// <summary>A pale, rosy sky; the first sun lies low.</summary>
    Dawn,

    /// <summary>A violet sky; lamps and windows are lit.</summary>
    Dusk,

    /// <summary>Lamps, windows and headlights alone.</summary>
    Night,

    /// <summary>A burning sky, everything in orange. Only unseen styles have it.</summary>
    Sunset,

    /// <summary>A night in the light of coloured tubes. Only unseen styles have it.</summary>
    Neon,
}

/// <summary>Weather of a scene of the wide world.</summary>
public enum WorldWeather
{
    /// <summary>Sun and few clouds, or stars.</summary>
    Clear,

    /// <summary>A grey sky, no shadows.</summary>
    Overcast,

    /// <summary>A wet, mirroring road and streaks.</summary>
    Rain,

    /// <summary>Contrast falls with distance.</summary>
    Fog,

    /// <summary>Snow on the ground and in the air.</summary>
    Snow,

    /// <summary>Brown dust hides what is far. Only unseen styles have it.</summary>
    Sandstorm,

    /// <summary>Snow so thick that little else is seen. Only unseen styles have it.</summary>
    Blizzard,
}

/// <summary>Season of a scene of the wide world.</summary>
public enum WorldSeason
{
    /// <summary>Fresh leaves, some trees in bloom.</summary>
    Spring,

    /// <summary>Green leaves.</summary>
    Summer,

    /// <summary>Yellow, orange and red leaves.</summary>
    Autumn,

    /// <summary>Grey, bare twigs and pale grass.</summary>
    Winter,
}

/// <summary>Place of a scene of the wide world.</summary>
public enum WorldPlace
{
    /// <summary>Tall houses side by side, sidewalks, dense traffic.</summary>
    City,

    /// <summary>Low houses with gardens, fences and hedges.</summary>
    Suburb,

    /// <summary>A narrow road between gabled houses and stone walls.</summary>
    Village,

    /// <summary>Many lanes, walls and fences beside them.</summary>
    Highway,

    /// <summary>Long halls of metal, fences, lorries.</summary>
    Industrial,

    /// <summary>A quay: water on the open sides, brick stores.</summary>
    Harbour,

    /// <summary>Grass, trees and hedges, people and bicycles.</summary>
    Park,

    /// <summary>A road through a wood. Only unseen styles have it.</summary>
    Forest,
}

/// <summary>What decides how a scene of the wide world looks, and what its captions may tell.</summary>
/// <param name="Light">Time of day.</param>
/// <param name="Weather">Weather.</param>
/// <param name="Season">Season.</param>
/// <param name="Place">Place.</param>
public sealed record WorldSetting(WorldLight Light, WorldWeather Weather, WorldSeason Season, WorldPlace Place);
