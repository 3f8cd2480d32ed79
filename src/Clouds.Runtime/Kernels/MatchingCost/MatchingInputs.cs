namespace Clouds.Runtime.Kernels;

/// <summary>Inputs of a matching in the caller's memory.</summary>
public readonly struct MatchingInputs
{
    /// <summary>[N, Q, K].</summary>
    public required HostSpan<float> ClassLogits { get; init; }

    /// <summary>[N, Q, h, w].</summary>
    public required HostSpan<float> MaskLogits { get; init; }

    /// <summary>[N, T]; anything in padding slots.</summary>
    public required HostSpan<long> Labels { get; init; }

    /// <summary>[N, T, H, W], 0 or 1.</summary>
    public required HostSpan<byte> Masks { get; init; }

    /// <summary>[N, T], above 0.5 = a target.</summary>
    public required HostSpan<float> Valid { get; init; }

    /// <summary>[N, P, 2] as (x, y) in 0..1.</summary>
    public required HostSpan<float> Points { get; init; }
}

/// <summary>The same as addresses, after their lengths have been checked.</summary>
internal readonly unsafe struct MatchingPointers
{
    public readonly float* ClassLogits;
    public readonly float* MaskLogits;
    public readonly long* Labels;
    public readonly byte* Masks;
    public readonly float* Valid;
    public readonly float* Points;

    /// <summary>Checks the lengths.</summary>
    /// <exception cref="ArgumentException">One is not the shape's.</exception>
    public MatchingPointers(MatchingShape shape, in MatchingInputs inputs)
    {
        (long images, long targets) = (shape.Images, (long)shape.Images * shape.Targets);
        ClassLogits = inputs.ClassLogits.Pointer(images * shape.Queries * shape.Classes, "class logits", "N·Q·K");
        MaskLogits = inputs.MaskLogits.Pointer(images * shape.Queries * shape.Height * shape.Width, "mask logits", "N·Q·h·w");
        Labels = inputs.Labels.Pointer(targets, "labels", "N·T");
        Masks = inputs.Masks.Pointer(targets * shape.MaskHeight * shape.MaskWidth, "target masks", "N·T·H·W");
        Valid = inputs.Valid.Pointer(targets, "valid", "N·T");
        Points = inputs.Points.Pointer(2 * images * shape.Points, "points", "N·P·2");
    }
}
