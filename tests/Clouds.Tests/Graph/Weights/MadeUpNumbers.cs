using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Clouds.Graph.Weights;

namespace Clouds.Tests.Graph.Weights;

/// <summary>
/// Elements for tensors that have none: by name, so that a network made of them answers with finite numbers. Matrices and kernels are uniform, their
/// products as large as what they multiply; scales and variances are 1, shifts and means 0, whole numbers 0.
/// </summary>
internal static class MadeUpNumbers
{
    private const int Piece = 1 << 20;

    /// <summary>The elements in their type, little-endian, a few megabytes at a time.</summary>
    public static IEnumerable<byte[]> Of(TensorDeclaration tensor)
    {
        long elements = tensor.Bytes / tensor.Type.Size();
        ulong state = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(tensor.Name)) | 1;
        for (long done = 0; done < elements; done += Piece)
        {
            float[] values = new float[Math.Min(Piece, elements - done)];
            Fill(tensor, values, ref state);
            yield return Bytes(tensor.Type, values);
        }
    }

    private static void Fill(TensorDeclaration tensor, float[] values, ref ulong state)
    {
        if (tensor.Shape.Count < 2)
        {
            Array.Fill(values, Constant(tensor));
            return;
        }

        float scale = (float)Math.Sqrt(3.0 / tensor.Shape.Skip(1).Aggregate(1L, (product, extent) => product * extent));
        for (int i = 0; i < values.Length; i++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            values[i] = scale * ((state >> 40) / (float)(1 << 23) - 1);
        }
    }

    private static float Constant(TensorDeclaration tensor) =>
        tensor.Name.EndsWith("logit_scale", StringComparison.Ordinal) ? 2.6593f
        : tensor.Name.EndsWith("bias", StringComparison.Ordinal) || tensor.Name.EndsWith("running_mean", StringComparison.Ordinal) ? 0
        : tensor.Name.EndsWith("gamma", StringComparison.Ordinal) ? 0.1f
        : 1;

    private static byte[] Bytes(WeightType type, float[] values) => type switch
    {
        WeightType.F32 => MemoryMarshal.AsBytes<float>(values).ToArray(),
        WeightType.F16 => MemoryMarshal.AsBytes<Half>(Array.ConvertAll(values, value => (Half)value)).ToArray(),
        _ => new byte[values.Length * type.Size()],
    };
}
