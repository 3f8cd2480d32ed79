using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Cli.Runs;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Runtime.Devices;
using Clouds.Training.Engine;

namespace Clouds.Cli.Commands;

/// <summary>A verb that trains a foundation model: settings of its own, one source of data, one folder.</summary>
/// <typeparam name="TConfig">The settings.</typeparam>
internal abstract class ModelTrainVerb<TConfig> : Verb<ModelTrainOptions>
    where TConfig : class, new()
{
    /// <summary>What the descriptions of all of them end with.</summary>
    protected const string Common =
        "\n\nCONFIG is a JSON file with the settings of this training alone, and --set takes their names: a wrong one is told with those that there are. "
        + "The run's folder has checkpoint.safetensors, history.jsonl, events for TensorBoard and run.json, as `clouds train` writes them; `clouds model pack` "
        + "makes of it what is worth keeping. Ctrl-C finishes the step, "
        + "saves, writes the model as it is and exits with 130; the same command line with --resume goes on, and ends with the weights that it would have had "
        + "without the interruption, bit by bit. A step whose loss or gradient is not finite changes nothing; after three of them in a row it ends with 7.";

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [(int)Failure.Usage] = "wrong settings; a run folder that is used already; changed settings with --resume",
        [(int)Failure.Device] = "the device does not work; its memory, or the machine's, does not hold a step",
        [(int)Failure.Numeric] = "the loss or its gradient is not finite any more; the run is saved as it was before",
        [(int)Failure.Interrupted] = "stopped by Ctrl-C, SIGTERM or SIGHUP; the run is saved and can be resumed",
    };

    public override bool IsForOneProcess => true;

    /// <summary>Opens the data and trains.</summary>
    protected abstract void Train(
        TConfig config, string data, TrainerOptions options, bool resume, IProgress<ProgressReport> progress, CancellationToken cancellation);

    /// <summary>Where the model is in a run's folder.</summary>
    protected abstract string ModelOf(RunFolder folder);

    protected sealed override int Run(ModelTrainOptions options, VerbContext context)
    {
        LoadedSettings<TConfig> settings = SettingsReader.Load<TConfig>(options.Configuration, options.Overrides);
        DeviceName name = DeviceName.Parse(options.Device ?? DeviceName.Auto.ToString(), "--device");
        RunFolder folder = options.OpenFolder();
        using Device device = Device.Open(name, new DeviceSettings { Warn = context.Progress.Warn });
        TrainerOptions where = new(folder, device)
        {
            Threads = options.Threads, Workers = options.Workers, AcceptMemory = options.AcceptMemory, Warn = context.Progress.Warn,
        };
        RunDescription description = ModelRunRecord.Describe(options, context.Words, settings.Provenance.Leaves, device);
        try
        {
            context.Progress.Track(progress => Train(
                settings.Value, options.Data, where, options.Resume, new ModelRunRecord(folder.Path, description, progress), context.Cancellation));
        }
        catch (OperationCanceledException) when (folder.Checkpoints.Count > 0)
        {
            throw new CloudsException(
                Failure.Interrupted, "stopped before the last step; the run is saved", folder.Path, next: "the same command line again, with --resume");
        }

        Report(ModelOf(folder), TrainingHistory.Read(folder.History)[^1], options.Json, context.Out);
        return ExitCodes.Success;
    }

    private static void Report(string model, HistoryLine last, bool json, TextWriter output) => output.WriteLine(json
        ? JsonText.Line(new { model, steps = last.Step + 1, last })
        : string.Create(CultureInfo.InvariantCulture, $"{model}: {last.Step + 1} steps, last loss {last.Loss:0.####}"));
}
