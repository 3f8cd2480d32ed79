using Clouds.Cli.BuiltIn;
using Clouds.Cli.Method;
using Clouds.Cli.Reports;
using Clouds.Cli.Runs;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Language;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Sam;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;

namespace Clouds.Cli.Commands;

/// <summary>Runs plans of the whole method for a verb.</summary>
/// <param name="open">Finds the foundation models, once the device is there.</param>
/// <param name="settings">Device and threads.</param>
/// <param name="tools">How networks are opened.</param>
/// <param name="context">Where progress and sentences go.</param>
internal sealed class MethodJob(Func<Miniatures> open, CloudsSettings settings, MethodTools tools, VerbContext context)
{
    /// <summary>Opens the networks as all verbs do.</summary>
    public static MethodTools Tools(CloudsSettings settings, VerbContext context) => new(
        path => LanguageModel.Load(path, new LanguageModelOptions { Threads = settings.Execution.Threads }),
        path => StableDiffusion.Load(path, new StableDiffusionOptions
        {
            Device = ComputeDevice.Parse(settings.Execution.Device.ToString()),
            Threads = settings.Execution.Threads,
            Warn = context.Progress.Warn,
            Cuda = ModelOptions.Cuda(settings.Execution.Cuda),
        }),
        path =>
        {
            SegmentAnything sam = ModelOptions.LoadSam(path, settings, context);
            return (sam.Predictor, sam);
        });

    /// <summary>Runs plans one after the other, each into its folder; those that are done are taken as they are.</summary>
    /// <param name="runs">Plans and folders.</param>
    /// <param name="anew">Whether earlier runs in these folders are removed, once device and models are there.</param>
    /// <param name="next">What goes on after an interruption, for the message.</param>
    /// <exception cref="CloudsException">As <see cref="MethodRun.Run"/>; Interrupted.</exception>
    public IReadOnlyList<MethodResult> Run(IReadOnlyList<(MethodPlan Plan, MethodFolder Folder)> runs, bool anew, string next)
    {
        ExecutionSettings execution = settings.Execution;
        using Device device = Device.Open(execution.Device, new DeviceSettings { Warn = context.Progress.Warn, Cuda = execution.Cuda });
        try
        {
            Miniatures models = open();
            OrderedDictionary<string, string> digests = MethodModels.Digests(models, context.Cancellation);
            (anew ? runs : []).ToList().ForEach(run => run.Folder.StartAnew());
            return context.Progress.Track(progress => runs.Select(run => Run(run.Plan, run.Folder, new(models, digests), device, progress)).ToArray());
        }
        catch (OperationCanceledException)
        {
            throw new CloudsException(Failure.Interrupted, "stopped before the end; what was done is kept", runs[0].Folder.Path, next: next);
        }
    }

    private MethodResult Run(MethodPlan plan, MethodFolder folder, Known known, Device device, IProgress<ProgressReport> progress)
    {
        OutputFolder.Create(folder.Path);
        MethodContext method = new(plan, known.Models, folder, tools, device, settings.Execution.Threads, context.Progress.Warn)
        {
            Command = ShellText.Line(["clouds", .. context.Words.Where(word => word != "--resume")]),
        };
        return new MethodRun(method, known.Digests).Run(progress, context.Cancellation);
    }

    private sealed record Known(Miniatures Models, IReadOnlyDictionary<string, string> Digests);
}
