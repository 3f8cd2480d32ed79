using Clouds.Diagnostics;
using Clouds.Training.Datasets;

namespace Clouds.Training.Sources;

/// <summary>Opens images with captions, or images alone, by the text that users give: a folder with a list of captions, or a data set.</summary>
public static class CaptionSource
{
    /// <summary>Opens images with captions.</summary>
    /// <param name="spec">What the user wrote.</param>
    /// <param name="warn">As for <see cref="DatasetSource.Open"/>.</param>
    /// <exception cref="CloudsException">Usage: the text is wrong, or there are no captions; BadInput: files are missing.</exception>
    public static ICaptionedImages Open(string spec, Action<string>? warn = null) => OpenImages(spec, warn) as ICaptionedImages
        ?? throw new CloudsException(Failure.Usage, "the data set has no captions", spec, "images alone", "images with captions",
            "give a folder with captions.jsonl, a JSON object a line with \"file\" and \"caption\"");

    /// <summary>Opens images whose captions, if they have any, nobody needs.</summary>
    /// <param name="spec">What the user wrote.</param>
    /// <param name="warn">As for <see cref="DatasetSource.Open"/>.</param>
    /// <exception cref="CloudsException">As above.</exception>
    public static IImageSet OpenImages(string spec, Action<string>? warn = null) =>
        Directory.Exists(spec) ? CaptionedFolder.Open(spec, warn) : DatasetSource.OpenImages(spec, warn);
}
