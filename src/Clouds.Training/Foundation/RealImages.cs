using Clouds.Diagnostics;
using Clouds.Native.Generation.Store;
using Clouds.Native.Images;
using Clouds.Training.Datasets;

namespace Clouds.Training.Foundation;

/// <summary>Real images with captions as a CLIP sees them.</summary>
/// <param name="Captions">Captions.</param>
/// <param name="Texts">Their embeddings.</param>
/// <param name="Seen">Embeddings of the images.</param>
/// <param name="Pictures">The first images.</param>
/// <param name="LeftOut">Images that could not be read.</param>
internal sealed record RealImages(
    IReadOnlyList<string> Captions, IReadOnlyList<float[]> Texts, IReadOnlyList<float[]> Seen, IReadOnlyList<RgbImage> Pictures,
    IReadOnlyList<DatasetProblem> LeftOut)
{
    /// <summary>Pictures that a sheet shows.</summary>
    public const int Shown = 2 * PictureSheet.Usual;

    /// <summary>Looks at them.</summary>
    /// <exception cref="CloudsException">BadInput: none can be read; as the CLIP's otherwise.</exception>
    public static RealImages Look(ClipScorer clip, ICaptionedImages data, HeldOutData heldOut, CancellationToken cancellation)
    {
        SampleReader reader = new(data.SampleName, heldOut.Reading);
        List<string> captions = [];
        List<float[]> texts = [], seen = [];
        List<RgbImage> pictures = [];
        foreach (CaptionedSample sample in reader.Samples(heldOut.Indices(data.Count), index => CaptionedSample.Of(data, index), cancellation))
        {
            captions.Add(sample.Caption);
            texts.Add(clip.Embed(sample.Caption, cancellation));
            seen.Add(clip.Embed(sample.Image, cancellation));
            pictures.AddRange(pictures.Count < Shown ? [sample.Image] : []);
        }

        return captions.Count == 0 ? throw heldOut.NothingLeft(reader.LeftOut) : new RealImages(captions, texts, seen, pictures, reader.LeftOut);
    }
}
