using Clouds.Training.Datasets;
using Clouds.Training.SourceTraining;
using Clouds.Training.Streets;

namespace Clouds.Cli.Demo;

/// <summary>Sizes of the demonstration: small enough for minutes on two processor cores.</summary>
internal sealed record DemoPlan
{
    /// <summary>Pixels a row.</summary>
    public int Width { get; init; } = 192;

    /// <summary>Rows.</summary>
    public int Height { get; init; } = 128;

    /// <summary>Images of the source style to learn from.</summary>
    public int TrainImages { get; init; } = 400;

    /// <summary>Images of each style to be tested on; none of them is trained on.</summary>
    public int TestImages { get; init; } = 30;

    /// <summary>Steps where the machine is quick enough for the time given; fewer otherwise.</summary>
    public int MostSteps { get; init; } = 900;

    /// <summary>Fewest steps, whatever they take.</summary>
    public int FewestSteps { get; init; } = 20;

    /// <summary>Steps by which the machine's speed is measured; the first ones are left out, because memory is still being laid out.</summary>
    public int TrialSteps { get; init; } = 6;

    /// <summary>Share of the time that evaluation and the report get.</summary>
    public double EvaluationShare { get; init; } = 0.15;

    /// <summary>Share of the time by which training may run over where the machine becomes slower.</summary>
    public double Grace { get; init; } = 0.15;

    /// <summary>The source data set.</summary>
    public StreetDataset Source => new(new() { Style = StreetStyle.Source, Count = TrainImages, Width = Width, Height = Height });

    /// <summary>Unseen images of a style.</summary>
    public StreetDataset Test(StreetStyle style) => new(new() { Style = style, Count = TestImages, Width = Width, Height = Height, Split = StreetSplit.Test });

    /// <summary>Settings of the training run.</summary>
    public SourceTrainingConfig Training(int steps)
    {
        SourceTrainingConfig small = SourceTrainingConfig.Small;
        return small with
        {
            Steps = steps,
            Optimizer = small.Optimizer with { LearningRate = 1e-3, WarmupSteps = Math.Min(50, steps / 10) },
            Loss = small.Loss with { Points = 512 },
            Augmentation = small.Augmentation with { FrameWidth = Width, FrameHeight = Height, CropWidth = Width, CropHeight = Height, Colour = true },
            TestShortSide = 0,
        };
    }
}
