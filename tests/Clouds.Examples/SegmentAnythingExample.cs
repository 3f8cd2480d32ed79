using Clouds.Native.Images;
using Clouds.Native.Sam;

namespace Clouds.Examples;

/// <summary>docs/embedding.md: masks of points, of images that are looked at again and again.</summary>
public static class SegmentAnythingExample
{
    /// <summary>Answers a prompt about an image, and says how good the masks are.</summary>
    public static bool[] Run(string weights, string folder, string path, TextWriter console)
    {
        // example: sam
        using SegmentAnything sam = SegmentAnything.Load(weights);
        EmbeddingCache cache = new(sam, folder);
        ImageEmbedding street = cache.Embed(ImageFile.Read(path));
        PromptAnswer answer = street.Predict([new PromptPoint(34, 22), new PromptPoint(5, 4, Inside: false)]);
        foreach (ObjectMask mask in answer.Masks)
        {
            console.WriteLine($"expected IoU {mask.Score:F2}, {mask.ToMask().Area} pixels");
        }

        bool[] inside = answer.Best.ToPixels();
        // end of example

        return inside;
    }
}
