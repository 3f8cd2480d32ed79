namespace Clouds.Native.Generation.Prompts;

/// <summary>What a context tells of an image.</summary>
public enum ContextKind
{
    /// <summary>Time of day.</summary>
    Time,

    /// <summary>Weather.</summary>
    Weather,

    /// <summary>Season.</summary>
    Season,

    /// <summary>Place.</summary>
    Place,
}
