using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Examples;

/// <summary>docs/embedding.md: many images, read beside the network, of which one may be broken.</summary>
public static class BatchExample
{
    /// <summary>Says of each image what lies at its top left, or why it could not be read.</summary>
    public static async Task Run(Segmenter segmenter, IEnumerable<string> paths, TextWriter console, CancellationToken cancellation)
    {
        // example: batch
        await foreach (BatchItem<string> item in segmenter.SegmentAllAsync(paths, path => ImageFile.Read(path), cancellation: cancellation))
        {
            string said = item.Failure is null ? segmenter.Classes.Names[item.Result.Labels[0]] : item.Failure.What;
            console.WriteLine($"{item.Source}: {said}");
        }
        // end of example
    }
}
