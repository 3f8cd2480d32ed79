using Clouds.Diagnostics;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;

namespace Clouds.Training.Validation;

/// <summary>Opens what a training is validated on, before its first step: what is wrong with it shall not be found out hours later.</summary>
internal static class ValidationSets
{
    /// <summary>Opens the sets.</summary>
    /// <param name="config">Their texts, and how many of their images are used.</param>
    /// <param name="trained">The classes that are trained.</param>
    /// <param name="warn">Told where a file is not quite as it should be; null: nobody.</param>
    /// <exception cref="CloudsException">Usage or BadInput: a set cannot be opened, or has other classes.</exception>
    public static IReadOnlyList<IDataset> Open(ValidationConfig config, ClassSet trained, Action<string>? warn)
        => [.. config.Data.Select(spec => EvenSamples.Of(SameClasses(DatasetSource.Open(spec, warn), spec, trained), config.Images))];

    private static IDataset SameClasses(IDataset data, string spec, ClassSet trained) => data.Classes.Names.SequenceEqual(trained.Names)
        ? data
        : throw new CloudsException(Failure.BadInput, "a set of training.validation.data has other classes than the data that are trained on", spec,
            string.Join(", ", data.Classes.Names), string.Join(", ", trained.Names),
            "describe it with the same classes (\"classes\" and \"idMap\" in its JSON file), or leave it out");
}
