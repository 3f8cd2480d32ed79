using Clouds.Diagnostics;
using Clouds.Native.Refinement;
using Clouds.Training.Datasets;
using Clouds.Training.SelfTraining;
using Clouds.Training.Sources;
using Clouds.Training.SourceTraining;

namespace Clouds.Cli.Method;

/// <summary>Stage 2 of the paper, from the model of stage 1: with what the teacher says of painted images, or with that refined.</summary>
internal sealed class SelfStage(MethodContext context, MethodArm arm) : TrainStage(context, arm, context.Plan.SelfSteps)
{
    // Refinement looks at every painted image of a step once more.
    public override double Seconds => Context.Plan.SelfSteps * (Arm == MethodArm.Refined ? 0.26 : 0.12);

    private StagedRun Staged => new()
    {
        Stages = [StagedRun.Self],
        Training = Settings() with { From = Path.GetFullPath(Start) },
        SelfTraining = MethodSettings.SelfTraining(Context.Plan, Arm),
        Data = SourceSpec,
        Generated = $"generated:{Path.GetFullPath(Context.Folder.Images)}?images=unmarked",
        Sam = Arm == MethodArm.Refined ? Path.GetFullPath(Context.Models.Sam) : "",
        Refinement = MethodSettings.Refinement(Context.Plan),
        Threads = Context.Threads,
    };

    private string Start => Context.Folder.Run(MethodArm.Source).Model;

    protected override void Train(RunStart start, IProgress<ProgressReport> progress, CancellationToken cancellation)
    {
        StagedRun run = Staged;
        ImageData painted = new(run.Generated, DatasetSource.OpenImages(run.Generated, Context.Tell));
        using OpenRefiner? open = Arm == MethodArm.Refined ? Refiner(run.Refinement) : null;
        new SelfTrainer(run, Start, Source, painted, open?.Refiner, Folder, Context.Device, warn: null).Run(start, progress, cancellation);
    }

    private OpenRefiner Refiner(RefinementOptions options)
    {
        (IMaskPredictor masks, IDisposable owner) = Context.Tools.Masks(Context.Models.Sam);
        return new OpenRefiner(new PseudoLabelRefiner(masks, options with { ListDropped = false }, Context.Threads), owner);
    }
}
