using Clouds.Native.Images;

namespace Clouds.Native.Generation.Painting;

/// <summary>An image to be painted. Same request, same model and kind of device: same bits.</summary>
public sealed record PaintRequest
{
    /// <summary>What the image shows; may be empty. What does not fit the text encoder is cut off and told in <see cref="PaintNotes"/>.</summary>
    public required string Prompt { get; init; }

    /// <summary>What guidance leads away from.</summary>
    public string NegativePrompt { get; init; } = "";

    /// <summary>Names the noise that the image begins as.</summary>
    public long Seed { get; init; }

    /// <summary>Pixels a row, a multiple of <see cref="PainterFacts.Multiple"/>; null: the start image's, or <see cref="PainterFacts.Side"/>.</summary>
    public int? Width { get; init; }

    /// <summary>Rows, a multiple of <see cref="PainterFacts.Multiple"/>; null: the start image's, or <see cref="PainterFacts.Side"/>.</summary>
    public int? Height { get; init; }

    /// <summary>Steps from noise to image, 1..<see cref="PainterFacts.MostSteps"/>. CLOUDS: 50.</summary>
    public int Steps { get; init; } = 50;

    /// <summary>
    /// How far predictions are led from the negative prompt's to the prompt's and beyond (Ho and Salimans 2022), 1 or more; 1: the negative prompt says
    /// nothing, and a step takes half the time. CLOUDS: 7.5.
    /// </summary>
    public double Guidance { get; init; } = 7.5;

    /// <summary>The rule of the steps; null: the model's own, <see cref="PainterFacts.Sampler"/>.</summary>
    public PaintSampler? Sampler { get; init; }

    /// <summary>Image to begin from, of the same size; null: from noise alone.</summary>
    public RgbImage? Start { get; init; }

    /// <summary>With a start image: the share of the steps that are done, in (0, 1]; of 1, hardly anything of the start is left.</summary>
    public double Strength { get; init; } = 0.8;
}
