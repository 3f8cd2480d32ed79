using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Native.Segmentation;

namespace Clouds.Training.Datasets;

/// <summary>A fixed, ordered set of labelled images. Loading is safe from several threads and gives the same bits each time.</summary>
public interface IDataset
{
    /// <summary>What reports call it.</summary>
    string Name { get; }

    /// <summary>Number of samples, at least 1.</summary>
    int Count { get; }

    /// <summary>The classes of its train ids.</summary>
    ClassSet Classes { get; }

    /// <summary>Reads or makes one sample; the caller owns it.</summary>
    /// <param name="index">0 .. <see cref="Count"/> - 1.</param>
    /// <exception cref="CloudsException">BadInput, naming the file, where the sample is unusable.</exception>
    Sample Load(int index);

    /// <summary>The name that <see cref="Load"/> will give the sample, without loading it.</summary>
    /// <param name="index">0 .. <see cref="Count"/> - 1.</param>
    string SampleName(int index) => index.ToString("D6", CultureInfo.InvariantCulture);
}
