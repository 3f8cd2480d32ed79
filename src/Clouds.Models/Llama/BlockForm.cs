using Clouds.Graph.Building;

namespace Clouds.Models.Llama;

/// <summary>
/// Matrices in few bits: 32 weights of a row share a scale, so that weight = scale · (code - zero), where zero is half of the codes, or a code of the block's
/// own. Read by ONNX Runtime's MatMulNBits, which rounds what comes in to 8 bits a block too (accuracy level 4: 2.6 times as fast as products in single
/// precision). Tokens' table, lm_head aside: half precision. Norms: single.
/// </summary>
/// <param name="Bits">Bits of a weight, 4 or 8.</param>
/// <param name="Asymmetric">Whether each block has a zero of its own.</param>
public sealed record BlockForm(int Bits, bool Asymmetric = false)
{
    /// <summary>Weights that share a scale.</summary>
    public const int Block = 32;

    private const long Accuracy = 4;

    /// <summary>Bits of lm_head's weights, which choose the token: 8 always.</summary>
    public const int HeadBits = 8;

    /// <summary>The same form for lm_head.</summary>
    public BlockForm Head => this with { Bits = HeadBits };

    /// <summary>Blocks of a row.</summary>
    /// <param name="inputs">Its weights.</param>
    public static long Blocks(long inputs) => (inputs + Block - 1) / Block;

    /// <summary>Bytes of a block's codes.</summary>
    public int BlockBytes => Block * Bits / 8;

    /// <summary>Bytes of a row's zeros.</summary>
    public long ZeroBytes(long inputs) => ((Blocks(inputs) * Bits) + 7) / 8;

    /// <summary>
    /// x · weightᵀ over the last axis, with parameters "{name}.weight" uint8 [out, blocks, bytes], "{name}.scales" [out, blocks] and, where it is
    /// asymmetric, "{name}.zeros" uint8 [out, bytes]; of codes that share a byte the first lies in the lower half.
    /// </summary>
    internal Value Linear(GraphBuilder g, Value x, string name, long outputs)
    {
        long inputs = x.Shape[-1].Size;
        Initializer none = Initialize.Zeros;
        List<Value?> parts =
        [
            x,
            g.Parameter($"{name}.weight", [outputs, Blocks(inputs), BlockBytes], none, type: ElementType.UInt8),
            g.Parameter($"{name}.scales", [outputs, Blocks(inputs)], none),
        ];
        if (Asymmetric)
        {
            parts.Add(g.Parameter($"{name}.zeros", [outputs, ZeroBytes(inputs)], none, type: ElementType.UInt8));
        }

        Shape shape = [.. x.Shape.SkipLast(1), outputs];
        return g.EmitMany("MatMulNBits", "com.microsoft", parts, [(x.Type, shape)],
            ("K", inputs), ("N", outputs), ("bits", (long)Bits), ("block_size", (long)Block), ("accuracy_level", Accuracy))[0];
    }
}
