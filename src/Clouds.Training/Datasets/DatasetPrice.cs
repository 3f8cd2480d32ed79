namespace Clouds.Training.Datasets;

/// <summary>What reading a data set costs on this machine.</summary>
/// <param name="FileBytes">Bytes of all its files; 0 where it is made.</param>
/// <param name="SecondsPerSample">Processor seconds that reading one sample takes, on the average: file, decoder, id map.</param>
/// <param name="LargestSampleBytes">Memory that the largest sample takes once it is read.</param>
public sealed record DatasetPrice(long FileBytes, double SecondsPerSample, long LargestSampleBytes)
{
    /// <summary>Hours that reading some samples takes.</summary>
    /// <param name="samples">How many.</param>
    /// <param name="workers">Samples that are read at once, each on a processor of its own.</param>
    public double Hours(int samples, int workers) => samples * SecondsPerSample / workers / 3600;
}
