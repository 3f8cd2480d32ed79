using Clouds.Diagnostics;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;

namespace Clouds.Native.Training;

/// <summary>A labelled data set: a folder that one JSON file describes, or the built-in street scenes. Any number of threads may use it.</summary>
public sealed class LabelledImages
{
    private LabelledImages(IDataset data, string spec) => (Data, Spec) = (data, spec);

    /// <summary>What reports call it.</summary>
    public string Name => Data.Name;

    /// <summary>Number of images, at least 1.</summary>
    public int Count => Data.Count;

    /// <summary>The classes of its labels.</summary>
    public ClassSet Classes => Data.Classes;

    internal IDataset Data { get; }

    /// <summary>The text under which it can be opened from any folder.</summary>
    internal string Spec { get; }

    /// <summary>Opens a data set; images are read when they are needed.</summary>
    /// <param name="source">
    /// Path of its JSON file; a published set by its name and folder, as "cityscapes:FOLDER?split=train"; or
    /// "streets:STYLE?count=N&amp;width=W&amp;height=H&amp;seed=S" with a style of source, night, fog, snow, rain and other; or
    /// "world:STYLE" with the same keys and a style of narrow, night, dusk, fog, rain, snow, sandstorm, neon, blizzard and wide.
    /// </param>
    /// <param name="warn">Told in one sentence, from any thread, where a file can be read but is not quite as it should be; null: nobody.</param>
    /// <exception cref="ArgumentException">The source is null or empty.</exception>
    /// <exception cref="CloudsException">Usage: the text or the description is wrong, or there are no labels; BadInput: files are missing.</exception>
    public static LabelledImages Open(string source, Action<string>? warn = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        return new LabelledImages(DatasetSource.Open(source, warn), DatasetSource.Absolute(source));
    }
}
