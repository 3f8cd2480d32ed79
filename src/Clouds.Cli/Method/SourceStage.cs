using Clouds.Diagnostics;
using Clouds.Training.SourceTraining;

namespace Clouds.Cli.Method;

/// <summary>Stage 1 of the paper, on the labelled source: with the frozen encoder of the miniature CLIP, or with one that starts from nothing.</summary>
internal sealed class SourceStage(MethodContext context, MethodArm arm) : TrainStage(context, arm, context.Plan.SourceSteps)
{
    // The encoder of its own is trained too.
    public override double Seconds => Context.Plan.SourceSteps * (Arm == MethodArm.Scratch ? 0.17 : 0.07);

    protected override void Train(RunStart start, IProgress<ProgressReport> progress, CancellationToken cancellation) =>
        new SourceTrainer(Settings(), Source, Folder, Context.Device, Context.Threads, warn: null).Run(start, progress, cancellation);
}
