using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Training.Datasets;

/// <summary>A fixed, ordered set of images, labelled or not. Loading is safe from several threads and gives the same bits each time.</summary>
public interface IImageSet
{
    /// <summary>What reports call it.</summary>
    string Name { get; }

    /// <summary>Number of images, at least 1.</summary>
    int Count { get; }

    /// <summary>Reads or makes one image; the caller owns it.</summary>
    /// <param name="index">0 .. <see cref="Count"/> - 1.</param>
    /// <exception cref="CloudsException">BadInput, naming the file, where the image is unusable.</exception>
    RgbImage LoadImage(int index);

    /// <summary>An image's name, unique in the set, without loading it.</summary>
    /// <param name="index">0 .. <see cref="Count"/> - 1.</param>
    string SampleName(int index) => index.ToString("D6", CultureInfo.InvariantCulture);

    /// <summary>What decides the samples besides their files, for a <see cref="DataFingerprint"/>.</summary>
    IReadOnlyList<DataFact> Facts => [];

    /// <summary>The files that a sample is read from, the image first; none where it is made.</summary>
    /// <param name="index">0 .. <see cref="Count"/> - 1.</param>
    IReadOnlyList<string> Files(int index) => [];
}

/// <summary>A set whose images have labels.</summary>
public interface IDataset : IImageSet
{
    /// <summary>The classes of its train ids.</summary>
    ClassSet Classes { get; }

    /// <summary>
    /// Whether the reference code scores this set at the size at which the network saw an image, its labels resized to it (method.md section 6.4);
    /// otherwise at the labels' own size.
    /// </summary>
    bool ScoredResized => false;

    /// <summary>Reads or makes one sample; the caller owns it.</summary>
    /// <param name="index">0 .. <see cref="IImageSet.Count"/> - 1.</param>
    /// <exception cref="CloudsException">BadInput, naming the file, where the sample is unusable.</exception>
    Sample Load(int index);
}
