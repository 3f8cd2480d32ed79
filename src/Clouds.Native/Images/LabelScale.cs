namespace Clouds.Native.Images;

/// <summary>How the samples of a label PNG below 8 bits are read. Programs that shrink files store 0 and 255 as 0 and 1 of one bit.</summary>
public enum LabelScale
{
    /// <summary>Nobody said: a file whose two readings differ is refused.</summary>
    Unstated,

    /// <summary>The stored numbers are the ids.</summary>
    None,

    /// <summary>The largest number of the bit depth is 255, and of a palette of grays the gray is the id.</summary>
    Full,
}
