using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Catalogue;
using Clouds.Runtime.Devices;
using Clouds.Training.Released;

namespace Clouds.Cli.Commands;

/// <summary>The part of `clouds model import` for checkpoints of whole segmenters.</summary>
internal static class SegmenterImport
{
    private const string EnsembleKey = "geometricEnsemble";

    /// <summary>What a list of classes looks like; for the help.</summary>
    public const string ListHelp =
        "a class a line in the order of the labels, its names with commas between them (\"road, railroad\"), or JSON, a list of "
        + "{ \"name\": .., \"colour\": [r, g, b], \"synonyms\": [..] } or the description of a data set.";

    /// <summary>Tells the network of a checkpoint and writes the model.</summary>
    /// <param name="import">The file, which is usable.</param>
    /// <param name="options">What it does not say.</param>
    /// <param name="output">Where the model goes; null: nowhere.</param>
    /// <param name="context">Told warnings and progress.</param>
    /// <returns>What the model says of itself; null where the file holds no segmenter.</returns>
    /// <exception cref="CloudsException">Usage: it holds none, and an option that only a segmenter takes was given.</exception>
    public static ModelDescription? Run(ModelImport import, SegmenterImportOptions options, string? output, VerbContext context)
    {
        using ReleasedSegmenter? segmenter = ReleasedSegmenter.Open(import.Report.Path);
        if (segmenter is null)
        {
            return options.Given is null ? null : throw new CloudsException(Failure.Usage, "the file holds no segmenter, which this option is for",
                $"clouds model import {options.Given}", import.Report.Path, "a checkpoint of CLOUDS, FC-CLIP or Mask2Former", "leave the option out");
        }

        ExecutionSettings execution = options.LoadSettings().Value.Execution;
        ReleaseOptions release = Release(import, options, execution.Threads);
        if (output is null)
        {
            return segmenter.Describe(release, context.Progress.Warn);
        }

        import.RequireOther(output);
        using Device device = Device.Open(execution.Device, new DeviceSettings { Warn = context.Progress.Warn, Cuda = execution.Cuda });
        return context.Progress.Track(progress => segmenter.Write(output, release, device, context.Progress.Warn, progress, context.Cancellation));
    }

    private static ReleaseOptions Release(ModelImport import, SegmenterImportOptions options, int threads) => new()
    {
        Classes = options.Classes is null ? null : ClassListFile.Read(options.Classes),
        TrainedOn = options.TrainedOn is null ? null : ClassListFile.Read(options.TrainedOn),
        GeometricEnsemble = options.Ensemble is SegmenterImportOptions.Switch chosen ? chosen == SegmenterImportOptions.Switch.On
            : import.Report.Configuration.GetValueOrDefault(EnsembleKey) is string known ? known == "true"
            : null,
        ShortSide = options.ShortSide is null or >= 0 ? options.ShortSide ?? new ReleaseOptions().ShortSide : throw new CloudsException(
            Failure.Usage, "there is no such short side", "clouds model import --short-side", $"{options.ShortSide}", "0 or more pixels"),
        Clip = options.Clip ?? "",
        Vocabulary = options.Vocabulary ?? "",
        Metadata = import.Metadata,
        Threads = threads,
    };
}
