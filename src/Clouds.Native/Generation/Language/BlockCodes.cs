using Clouds.Models.Llama;

namespace Clouds.Native.Generation.Language;

/// <summary>
/// A matrix in few bits, in the layout of ONNX Runtime's MatMulNBits. Without zeros the number of the largest size becomes the lowest code, which has no
/// counterpart above; with them the lowest and the highest number, and zero itself, have codes of their own.
/// </summary>
/// <param name="form">Bits, and whether there are zeros.</param>
/// <param name="rows">Outputs.</param>
/// <param name="columns">Inputs; the last block's rest counts as zeros.</param>
internal sealed class BlockCodes(BlockForm form, int rows, int columns)
{
    private readonly int _blocks = (int)BlockForm.Blocks(columns);
    private readonly int _zeroBytes = (int)form.ZeroBytes(columns);

    /// <summary>uint8 [rows, blocks, bytes].</summary>
    public byte[] Codes { get; } = new byte[(long)rows * BlockForm.Blocks(columns) * form.BlockBytes];

    /// <summary>[rows, blocks].</summary>
    public float[] Scales { get; } = new float[(long)rows * BlockForm.Blocks(columns)];

    /// <summary>uint8 [rows, bytes]; empty without zeros.</summary>
    public byte[] Zeros { get; } = new byte[form.Asymmetric ? rows * form.ZeroBytes(columns) : 0];

    private int Levels => 1 << form.Bits;

    /// <summary>Rounds a matrix.</summary>
    /// <param name="weights">[rows, columns].</param>
    public void Round(float[] weights) => Parallel.For(0, rows, row =>
    {
        for (int block = 0; block < _blocks; block++)
        {
            int from = block * BlockForm.Block;
            Round(weights.AsSpan((int)(((long)row * columns) + from), Math.Min(BlockForm.Block, columns - from)), row, block);
        }
    });

    private void Round(ReadOnlySpan<float> weights, int row, int block)
    {
        (float scale, int zero) = form.Asymmetric ? Between(weights) : Around(weights);
        int place = (row * _blocks) + block;
        Scales[place] = scale;
        if (form.Asymmetric)
        {
            Put(Zeros.AsSpan(row * _zeroBytes, _zeroBytes), block, zero);
        }

        Span<byte> codes = Codes.AsSpan(place * form.BlockBytes, form.BlockBytes);
        for (int i = 0; i < BlockForm.Block; i++)
        {
            float steps = i < weights.Length && scale != 0 ? weights[i] / scale : 0;
            Put(codes, i, (int)Math.Clamp(MathF.Round(steps) + zero, 0, Levels - 1));
        }
    }

    private (float Scale, int Zero) Around(ReadOnlySpan<float> weights)
    {
        float largest = System.Numerics.Tensors.TensorPrimitives.MaxMagnitude(weights);
        return (largest / -(Levels / 2), Levels / 2);
    }

    private (float Scale, int Zero) Between(ReadOnlySpan<float> weights)
    {
        float low = Math.Min(0, System.Numerics.Tensors.TensorPrimitives.Min(weights));
        float high = Math.Max(0, System.Numerics.Tensors.TensorPrimitives.Max(weights));
        float scale = (high - low) / (Levels - 1);
        return (scale, scale == 0 ? Levels / 2 : (int)Math.Clamp(MathF.Round(-low / scale), 0, Levels - 1));
    }

    // The first of two codes of a byte lies in its lower half.
    private void Put(Span<byte> codes, int index, int code)
    {
        if (form.Bits == 8)
        {
            codes[index] = (byte)code;
        }
        else
        {
            codes[index / 2] |= (byte)(code << (index % 2 * 4));
        }
    }
}
