using Clouds.Diagnostics;
using Clouds.Graph.Portable;

namespace Clouds.Native.Portable;

/// <summary>How a network is written as a portable ONNX file. <see cref="ModelExport.Write"/> checks all of it.</summary>
public sealed class ExportOptions
{
    /// <summary>
    /// What is written: "segmenter", the whole network of a model of ours; "encoder", its image encoder alone; the key of a published encoder, for instance
    /// "clip_rn50", whose weights the file has; "clip_text" or "clip_text_openai", CLIP's text tower with the exact GELU, or OpenAI's quick one;
    /// "sam_vit_b" and its like, Segment Anything's image encoder.
    /// </summary>
    public string Network { get; init; } = ExportSource.Segmenter;

    /// <summary>Images or texts at a time; null: any number.</summary>
    public int? Batch { get; init; }

    /// <summary>Columns of the images, a multiple of 32; null, with <see cref="Height"/>: images of any such size.</summary>
    public int? Width { get; init; }

    /// <summary>Rows of the images.</summary>
    public int? Height { get; init; }

    /// <summary>Products and convolutions in half precision, and weights that only they read; inputs and outputs stay in single.</summary>
    public bool HalfPrecision { get; init; }

    /// <summary>Version of ONNX's operators, 18 to 21.</summary>
    public int Opset { get; init; } = (int)PortableForm.NewestOpset;

    /// <summary>Weights in a file beside the model; files of more than 2 GB are written so anyway.</summary>
    public bool DataBeside { get; init; }

    /// <summary>Whether a segmenter also answers with the scores of all classes for every pixel.</summary>
    public bool WithScores { get; init; }

    /// <summary>
    /// Largest difference from our own session that is accepted, as a share of the answer's length (the root of its summed squares); null: 0.001, or 0.05 in
    /// half precision.
    /// </summary>
    public double? Tolerance { get; init; }

    /// <summary>Processor threads of the check; 0: one a processor.</summary>
    public int Threads { get; init; }

    internal double AcceptedDifference => Tolerance ?? (HalfPrecision ? 0.05 : 1e-3);

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="CloudsException">Usage, naming the member.</exception>
    internal void Require()
    {
        Require(Batch is null or (>= 1 and <= 4096), nameof(Batch), Batch, "1 to 4096, or null");
        Require(Width is null == Height is null, nameof(Width), Width is null ? "a height alone" : "a width alone", "both or neither");
        Require(Width is null || IsSide(Width), nameof(Width), Width, "a multiple of 32 pixels, at most 16384");
        Require(Height is null || IsSide(Height), nameof(Height), Height, "a multiple of 32 pixels, at most 16384");
        Require(Opset is >= (int)PortableForm.OldestOpset and <= (int)PortableForm.NewestOpset, nameof(Opset), Opset,
            $"{PortableForm.OldestOpset} to {PortableForm.NewestOpset}");
        Require(Tolerance is null or >= 0, nameof(Tolerance), Tolerance, "0 or more");
        Require(Threads is >= 0 and <= 1024, nameof(Threads), Threads, "0..1024");
    }

    private static bool IsSide(int? side) => side is >= 32 and <= 16384 && side % 32 == 0;

    private static void Require(bool condition, string member, object? found, string expected)
    {
        if (!condition)
        {
            throw new CloudsException(Failure.Usage, "an option is out of range", $"{nameof(ExportOptions)}.{member}",
                FormattableString.Invariant($"{found}"), expected, "correct the option");
        }
    }
}
