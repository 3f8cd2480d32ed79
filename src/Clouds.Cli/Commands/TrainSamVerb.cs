using Clouds.Diagnostics;
using Clouds.Training.Engine;
using Clouds.Training.Promptable;
using Clouds.Training.Sources;

namespace Clouds.Cli.Commands;

/// <summary>`clouds train sam`.</summary>
internal sealed class TrainSamVerb : ModelTrainVerb<SamTrainingConfig>
{
    public override string Name => "train sam";

    public override string Summary => "train a Segment Anything on images with masks";

    public override string Description =>
        "Trains a Segment Anything of any sizes, from scratch or from --set from=FILE, to find the mask that points and boxes mean. SPEC is a labelled data "
        + "set as for `clouds data check`; its masks are its own where it has some (world:STYLE), else the connected components of its labels, of whatever "
        + "class.\n\n"
        + "The model is model.safetensors in --out, which `clouds sam` and `clouds refine` open." + Common;

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds train sam sam.json --data streets:source?count=4000&width=192&height=128 --out sam", "On built-in street scenes."),
        new("clouds train sam --data city.json --out tuned --set from=sam_vit_b_01ec64.pth --set trainEncoder=false", "The decoder of a published one alone."),
    ];

    protected override void Train(
        SamTrainingConfig config, string data, TrainerOptions options, bool resume, IProgress<ProgressReport> progress, CancellationToken cancellation)
    {
        SamTrainer trainer = new(
            config, ComponentMasks.Of(DatasetSource.Open(data, options.Warn)), options.Folder, options.Device, options.Threads, options.Warn)
        {
            AcceptMemory = options.AcceptMemory, Workers = options.Workers,
        };
        trainer.Run(resume, progress, cancellation);
    }

    protected override string ModelOf(RunFolder folder) => folder.Model;
}
