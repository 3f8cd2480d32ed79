namespace Clouds.Training.Datasets;

/// <summary>What reading a data set costs on this machine.</summary>
/// <param name="FileBytes">Bytes of all its files; 0 where it is made.</param>
/// <param name="SecondsPerSample">What reading one sample took, on the average, while all processors read: file, decoder, id map.</param>
/// <param name="LargestSampleBytes">Memory that the largest sample takes once it is read.</param>
public sealed record DatasetPrice(long FileBytes, double SecondsPerSample, long LargestSampleBytes)
{
    /// <summary>What reading some samples takes at this speed.</summary>
    public TimeSpan Time(int samples) => TimeSpan.FromSeconds(samples * SecondsPerSample);
}
