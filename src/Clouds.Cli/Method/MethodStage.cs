using Clouds.Cli.BuiltIn;
using Clouds.Diagnostics;
using Clouds.Runtime.Devices;

namespace Clouds.Cli.Method;

/// <summary>What the stages of a run of the whole method have in common.</summary>
/// <param name="Plan">Every number.</param>
/// <param name="Models">The foundation models.</param>
/// <param name="Folder">Where everything goes.</param>
/// <param name="Tools">How networks are opened.</param>
/// <param name="Device">Where is computed; borrowed.</param>
/// <param name="Threads">Processor threads; 0: one a processor.</param>
/// <param name="Tell">Told in a sentence what a user should know.</param>
internal sealed record MethodContext(
    MethodPlan Plan, Miniatures Models, MethodFolder Folder, MethodTools Tools, Device Device, int Threads, Action<string> Tell)
{
    /// <summary>The command that repeats the run, for a shell; empty: nobody says.</summary>
    public string Command { get; init; } = "";

    /// <summary>The scenes, each of which is rendered once.</summary>
    public MethodScenes Scenes { get; } = new(Plan);

    /// <summary>Weight file of the miniature CLIP.</summary>
    public string Clip => Directory.Exists(Models.Clip) ? Path.Combine(Models.Clip, "model.safetensors") : Models.Clip;
}

/// <summary>A part of the whole method that is done or not; stopped within, it goes on as far as that is cheap.</summary>
/// <param name="context">What all stages have in common.</param>
internal abstract class MethodStage(MethodContext context)
{
    /// <summary>What it does, in some words.</summary>
    public abstract string Name { get; }

    /// <summary>Seconds that it takes on two processor cores, by which its share of the whole is told.</summary>
    public abstract double Seconds { get; }

    /// <summary>Whether its results are there.</summary>
    public abstract bool IsDone { get; }

    /// <summary>What all stages have in common.</summary>
    protected MethodContext Context => context;

    /// <summary>Does it.</summary>
    /// <returns>What came of it, in half a sentence.</returns>
    /// <exception cref="CloudsException">As what it uses says.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what was done is kept.</exception>
    public abstract string Run(IProgress<ProgressReport> progress, CancellationToken cancellation);
}
