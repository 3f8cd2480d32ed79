using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;
using Clouds.Training.Datasets;

namespace Clouds.Cli.Commands;

/// <summary>
/// How many images evaluation computes at once. Small ones gain more from a thread each than from threads that share one; a session of large ones holds
/// gigabytes, and its operators keep all processors busy.
/// </summary>
internal static class EvaluationSessions
{
    // 512 x 512 pixels: less than half a gigabyte with the paper's largest encoder.
    private const long SmallPixels = 1 << 18;

    private const int Most = 8;

    /// <summary>One for each thread where the first image of every set is small as the network sees it, otherwise 1; sessions of an
    /// exported file have weights of their own, so there is one.</summary>
    /// <param name="model">The model's file.</param>
    /// <param name="sets">What is evaluated.</param>
    /// <param name="shortSide">As given to the segmenter.</param>
    /// <param name="longSide">As given to the segmenter.</param>
    /// <param name="threads">Threads that may be used; 0: one a processor.</param>
    public static int For(string model, IEnumerable<IDataset> sets, int? shortSide, int? longSide, int threads)
    {
        using WeightSource source = WeightSource.Open(model);
        if (source.IsOnnx)
        {
            return 1;
        }

        int seen = shortSide ?? ModelDescription.Read(source).ShortSide;
        return sets.All(set => IsSmall(set, seen, longSide)) ? Math.Min(Most, threads == 0 ? Environment.ProcessorCount : threads) : 1;
    }

    private static bool IsSmall(IDataset set, int shortSide, int? longSide)
    {
        try
        {
            RgbImage first = set.LoadImage(0);
            (int width, int height) = TestTimeResize.Size(first.Width, first.Height, shortSide, longSide);
            return (long)width * height <= SmallPixels;
        }
        catch (CloudsException e) when (e.Failure == Failure.BadInput)
        {
            return false;
        }
    }
}
