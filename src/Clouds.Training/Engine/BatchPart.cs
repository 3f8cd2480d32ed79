namespace Clouds.Training.Engine;

/// <summary>The part of a port that one sample of the batch has.</summary>
internal static class BatchPart
{
    /// <summary>One of equal parts of a port's elements, to be filled.</summary>
    /// <param name="batch">Batch.</param>
    /// <param name="port">Port whose first axis is the samples'.</param>
    /// <param name="sample">Which part.</param>
    /// <param name="samples">Parts.</param>
    public static Span<T> Of<T>(Batch batch, Port<T> port, int sample, int samples)
        where T : unmanaged
    {
        Span<T> all = batch.Of(port).Span;
        int length = all.Length / samples;
        return all.Slice(sample * length, length);
    }
}
