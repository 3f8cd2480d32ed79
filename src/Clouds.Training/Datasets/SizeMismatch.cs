using Clouds.Diagnostics;
using Clouds.Native.Images;

namespace Clouds.Training.Datasets;

/// <summary>An image and a label of different sizes: the one problem of a sample that has a rule of its own, <see cref="DataConfig.OnMismatch"/>.</summary>
internal static class SizeMismatch
{
    private const string What = "image and label have different sizes";

    /// <summary>Whether a failure is this one.</summary>
    public static bool Is(CloudsException failure) => failure.What == What;

    /// <summary>The failure.</summary>
    /// <param name="where">Both files.</param>
    /// <param name="image">The image.</param>
    /// <param name="labels">Its labels.</param>
    public static CloudsException Between(string where, RgbImage image, LabelMap labels) => new(
        Failure.BadInput,
        What,
        where,
        $"{image.Width} x {image.Height} and {labels.Width} x {labels.Height} pixels",
        "equal sizes",
        "replace one of them, or leave the sample out with \"subset\": { \"exclude\": [ .. ] }");
}
