namespace Clouds.Training.Streets;

/// <summary>The worlds of the procedural street data set: one to learn from and five that are kept for testing.</summary>
public enum StreetStyle
{
    /// <summary>Clean synthetic daylight on wide modern streets, like a game: the labelled source domain.</summary>
    Source,

    /// <summary>A dark, tall inner city lit by lamps, windows and headlights; noisy sensor.</summary>
    Night,

    /// <summary>A green outskirt road in dense fog; contrast falls with depth.</summary>
    Fog,

    /// <summary>A residential street with low houses under snow; flakes in the air.</summary>
    Snow,

    /// <summary>Dense traffic on a wet main road; reflections, streaks and blur.</summary>
    Rain,

    /// <summary>A narrow old town with cobbles, warm facades, pitched roofs and many people.</summary>
    Other,
}
