namespace Clouds.Training.SourceTraining;

/// <summary>How a run begins.</summary>
public enum RunStart
{
    /// <summary>At its first step.</summary>
    New,

    /// <summary>At its checkpoint, with the data that it had.</summary>
    Resumed,

    /// <summary>At its checkpoint, though its data may have changed: the bits are then not those of an uninterrupted run.</summary>
    ResumedOnChangedData,
}
