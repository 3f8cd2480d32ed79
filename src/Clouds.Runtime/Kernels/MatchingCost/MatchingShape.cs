namespace Clouds.Runtime.Kernels;

/// <summary>Sizes of a matching (method.md section 2.2).</summary>
/// <param name="Images">N.</param>
/// <param name="Queries">Q.</param>
/// <param name="Targets">T, slots an image, padding included.</param>
/// <param name="Classes">K, "no object" included.</param>
/// <param name="Height">h of the mask logits.</param>
/// <param name="Width">w of the mask logits.</param>
/// <param name="MaskHeight">H of the targets.</param>
/// <param name="MaskWidth">W of the targets.</param>
/// <param name="Points">P, shared by all planes of an image.</param>
public readonly record struct MatchingShape(int Images, int Queries, int Targets, int Classes, int Height, int Width, int MaskHeight, int MaskWidth, int Points)
{
    /// <summary>Points that are summed in single precision, by sixteen; the sums of these chunks are added in double.</summary>
    public const int Chunk = 256;

    /// <summary>C, chunks that hold the points.</summary>
    public int Chunks => (Points + Chunk - 1) / Chunk;

    /// <summary>P rounded up to whole chunks.</summary>
    public int PaddedPoints => Chunks * Chunk;

    /// <summary>Elements of the cost.</summary>
    public long Costs => (long)Images * Queries * Targets;
}

/// <summary>How much each part of the cost counts.</summary>
/// <param name="Class">λ of minus the class probability.</param>
/// <param name="Mask">λ of the mask cross-entropy.</param>
/// <param name="Dice">λ of the dice loss.</param>
public readonly record struct MatchingWeights(float Class, float Mask, float Dice);
