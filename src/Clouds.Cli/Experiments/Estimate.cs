using System.Globalization;
using Clouds.Cli.Settings;
using Clouds.Models.Sam;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;
using Clouds.Training.SelfTraining;
using Clouds.Training.SourceTraining;

namespace Clouds.Cli.Experiments;

/// <summary>What a stage will take.</summary>
/// <param name="Stage">1 or 2.</param>
/// <param name="Steps">Optimiser steps.</param>
/// <param name="MultiplyAdds">Of one step: matrix products and convolutions, forward and backward.</param>
/// <param name="SecondsAStep">That at the speed of the best matrix product.</param>
/// <param name="Bytes">Memory of the device.</param>
internal sealed record StageEstimate(int Stage, long Steps, double MultiplyAdds, double SecondsAStep, long Bytes)
{
    /// <summary>Hours of the stage.</summary>
    public double Hours => Steps * SecondsAStep / 3600;
}

/// <summary>
/// Time and memory of an experiment's trainings, before the first step: the operations of their graphs over the speed of a matrix product that was timed on
/// this machine. After the first steps of a stage the time is told as it was measured.
/// </summary>
/// <param name="Device">Where.</param>
/// <param name="GigaOperations">Of the product, a second.</param>
/// <param name="Stages">In their order.</param>
internal sealed record Estimate(string Device, double GigaOperations, IReadOnlyList<StageEstimate> Stages)
{
    /// <summary>How it was made.</summary>
    public const string Method =
        "operations of the steps' matrix products and convolutions, at the speed of a large matrix product that was timed here just now; reading data, "
        + "Segment Anything's answers to prompts and scoring are not in it; after the first steps of a stage its time is told as measured";

    /// <summary>Hours of all stages.</summary>
    public double Hours => Stages.Sum(stage => stage.Hours);

    /// <summary>Memory of the largest stage.</summary>
    public long Bytes => Stages.Max(stage => stage.Bytes);

    /// <summary>The estimate of an experiment that trains.</summary>
    /// <param name="settings">Its settings.</param>
    /// <param name="selfTrains">Whether it has a second stage.</param>
    /// <param name="sources">Source images.</param>
    /// <param name="generated">Generated images; 0: as many as the settings say.</param>
    /// <param name="device">Where it would run.</param>
    /// <param name="gigaOperations">The product's speed.</param>
    public static Estimate Of(CloudsSettings settings, bool selfTrains, int sources, int generated, Device device, double gigaOperations)
    {
        int classes = ClassSet.Cityscapes.Count;
        SelfTrainingConfig self = settings.SelfTraining;
        List<StageEstimate> stages = [Stage(1, settings.Training.Steps, StepCost.OfSource(settings.Training, classes), device, gigaOperations)];
        if (selfTrains)
        {
            SourceTrainingConfig config = self.Over(settings.Training, "");
            SamConfig? sam = self.Refine ? SamConfig.Published[$"vit_{char.ToLowerInvariant(settings.Sam.Variant.ToString()[^1])}"] : null;
            double share = Share(self.Mix, sources, generated > 0 ? generated : self.Generated.Limit);
            stages.Add(Stage(2, self.Steps, StepCost.OfSelfTraining(config, classes, share * config.Batch, sam), device, gigaOperations));
        }

        return new Estimate(device.ToString(), gigaOperations, stages);
    }

    /// <summary>Hours as people say them.</summary>
    public static string Time(double hours) => hours switch
    {
        >= 48 => string.Create(CultureInfo.InvariantCulture, $"{hours / 24:0} days"),
        >= 1.5 => string.Create(CultureInfo.InvariantCulture, $"{hours:0} hours"),
        >= 1.0 / 60 => string.Create(CultureInfo.InvariantCulture, $"{hours * 60:0} minutes"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{hours * 3600:0} seconds"),
    };

    /// <summary>On one line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"about {Time(Hours)} on {Device} ({GigaOperations:0} billion operations a second), and {Bytes / (double)(1L << 30):0.0} GiB");

    // Share of generated images in an epoch (method.md section 3.3).
    private static double Share(MixConfig mix, int sources, int generated) => mix.Mode == MixMode.FixedShare ? mix.Share
        : mix.TargetFactor * generated / Math.Max(1, sources + (mix.TargetFactor * generated));

    private static StageEstimate Stage(int stage, long steps, StepCost cost, Device device, double gigaOperations) => new(
        stage, steps, cost.MultiplyAdds, 2e-9 * cost.MultiplyAdds / gigaOperations, device.TensorGpu is null ? cost.HostBytes : cost.BytesOn(device));
}
