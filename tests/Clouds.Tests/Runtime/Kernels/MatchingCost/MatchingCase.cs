using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

/// <summary>A matching problem with made-up numbers; targets are discs, and the last slots of every image are padding.</summary>
internal sealed unsafe class MatchingCase
{
    public static readonly MatchingWeights Weights = new(2, 5, 5);

    public MatchingCase(MatchingShape shape, double logitScale = 4, int padding = 0)
    {
        Shape = shape;
        ClassLogits = Pinned.Normal(shape.Images * shape.Queries * shape.Classes, 1, 3);
        MaskLogits = Pinned.Normal(shape.Images * shape.Queries * shape.Height * shape.Width, 2, logitScale);
        Points = Pinned.Uniform(2 * shape.Images * shape.Points, 3);
        Masks = new(shape.Images * shape.Targets * shape.MaskHeight * shape.MaskWidth);
        Labels = new(shape.Images * shape.Targets);
        Valid = new(shape.Images * shape.Targets);
        for (int t = 0; t < Labels.Values.Length; t++)
        {
            bool padded = t % shape.Targets >= shape.Targets - padding;
            Labels.Values[t] = padded ? -7 - t : (5L * t) % shape.Classes;
            Valid.Values[t] = padded ? 0 : 1;
            Paint(t, padded);
        }
    }

    public MatchingShape Shape { get; }

    public Pinned<float> ClassLogits { get; }

    public Pinned<float> MaskLogits { get; }

    public Pinned<float> Points { get; }

    public Pinned<byte> Masks { get; }

    public Pinned<long> Labels { get; }

    public Pinned<float> Valid { get; }

    public MatchingInputs Inputs => new()
    {
        ClassLogits = ClassLogits.Span,
        MaskLogits = MaskLogits.Span,
        Points = Points.Span,
        Masks = Masks.Span,
        Labels = Labels.Span,
        Valid = Valid.Span,
    };

    /// <summary>The twin's cost, the work split into parts.</summary>
    public float[] Twin(SimdLevel? level = null, int parts = 1)
    {
        Pinned<float> samples = Pinned.Dirty((int)MatchingCost.SampleFloats(Shape));
        Pinned<float> cost = Pinned.Dirty((int)Shape.Costs);
        (int targets, int queries) = (Shape.Images * Shape.Targets, Shape.Images * Shape.Queries);
        for (int i = 0; i < parts; i++)
        {
            MatchingCost.SampleTargets(Shape, Inputs, samples.Span, targets * i / parts, targets * (i + 1) / parts);
        }

        for (int i = 0; i < parts; i++)
        {
            MatchingCost.Run(Shape, Weights, Inputs, samples.Span, cost.Span, queries * i / parts, queries * (i + 1) / parts, level);
        }

        return cost.Values;
    }

    private void Paint(int target, bool padded)
    {
        (int height, int width) = (Shape.MaskHeight, Shape.MaskWidth);
        double radius = (0.15 + (0.1 * (target % 4))) * Math.Min(height, width);
        for (int i = 0; i < height * width; i++)
        {
            (double dy, double dx) = ((i / width) - (height * ((target * 0.37) % 1)), (i % width) - (width * ((target * 0.61) % 1)));
            Masks.Values[(target * height * width) + i] = padded ? (byte)200 : (dy * dy) + (dx * dx) < radius * radius ? (byte)1 : (byte)0;
        }
    }
}
