using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Clouds.Diagnostics;
using Clouds.Runtime.Sessions;

namespace Clouds.Training.Engine;

/// <summary>A run whose result is one model: refused where it was begun with other settings, trained, and the model written, at a stop too.</summary>
/// <param name="options">Where it runs.</param>
/// <param name="kind">What is trained: the key of the settings in the checkpoint.</param>
/// <param name="config">The settings.</param>
/// <param name="data">Name of the data.</param>
internal sealed class ModelRun(TrainerOptions options, string kind, object config, string data)
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private readonly string _description = JsonSerializer.Serialize(new Dictionary<string, object> { [kind] = config, ["data"] = data }, Format);

    /// <summary>Trains to the end or to an interruption, and writes the model.</summary>
    /// <param name="training">The graph and the source of batches.</param>
    /// <param name="settings">Steps, optimiser, seed.</param>
    /// <param name="write">Writes the model from the parameters.</param>
    /// <param name="resume">Go on from the folder's checkpoint.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellation">When cancelled, the step in progress is finished and everything saved.</param>
    /// <exception cref="OperationCanceledException">Cancelled and saved.</exception>
    /// <exception cref="CloudsException">Usage: the run was begun with other settings; whatever else makes a run fail, what was done being saved.</exception>
    public void Run(
        ITraining training, TrainingSettings settings, Action<ParameterArena> write, bool resume, IProgress<ProgressReport>? progress,
        CancellationToken cancellation)
    {
        if (resume)
        {
            RequireSame();
        }

        settings = settings with { Description = _description, AcceptMemory = options.AcceptMemory, Warn = options.Warn };
        using Trainer trainer = new(training, settings, options.Folder, options.Device, new SessionSettings { Threads = options.Threads });
        RunState end = trainer.Run(resume, progress, cancellation);
        if (end.Skipped > 0)
        {
            options.Warn?.Invoke($"{end.Skipped} of {end.Step} steps changed nothing, because their loss or gradient was not finite");
        }

        write(trainer.Arena);
        cancellation.ThrowIfCancellationRequested();
    }

    private void RequireSame()
    {
        JsonObject now = JsonNode.Parse(_description)!.AsObject();
        JsonNode? then = JsonNode.Parse(Checkpoint.Describe(options.Folder));
        string? other = now.Select(member => member.Key).FirstOrDefault(key => !JsonNode.DeepEquals(now[key], then?[key]));
        if (other is not null)
        {
            throw new CloudsException(Failure.Usage, "the run was begun with other settings", options.Folder.Checkpoint,
                $"{other}: {now[other]!.ToJsonString()}", then?[other]?.ToJsonString() ?? $"a training of {kind}",
                "resume it with its own settings, or begin a new run that starts from its model");
        }
    }
}
