using Clouds.Graph.Weights;

namespace Clouds.Native.Generation.Weights;

/// <summary>
/// One network of a checkpoint in one file: names without the part, OpenCLIP's matrix of query, key and value in three, and the autoencoder's attention
/// as linear layers where the file has convolutions of 1 x 1. Nothing is copied: each is a piece of the file under another name or shape.
/// </summary>
internal static class SingleFileParts
{
    /// <summary>Query, key and value one behind the other, in the order of their rows; "weight" or "bias" stands behind it.</summary>
    public const string Fused = "self_attn.in_proj_";

    private const string Attention = "mid_block.attentions.0.to_";

    private static readonly string[] Rows = ["q_proj", "k_proj", "v_proj"];

    /// <summary>A part's tensors.</summary>
    /// <param name="whole">The file under our names; it belongs to the result.</param>
    /// <param name="scope">What stands in front of the part's names.</param>
    public static WeightSource Of(WeightSource whole, string scope) =>
        whole.With(TensorScope.NamesBelow(whole.Tensors.Keys, scope).SelectMany(name => Read(whole.Tensors[scope + name] with { Name = name })));

    private static IEnumerable<TensorEntry> Read(TensorEntry tensor) =>
        tensor.Name.Contains(Fused, StringComparison.Ordinal) ? Split(tensor)
        : tensor.Name.Contains(Attention, StringComparison.Ordinal) && tensor.Shape is [long rows, long columns, 1, 1] ? [Squeeze(tensor, rows, columns)]
        : [tensor];

    // A pickle's views are not cut: their rows may lie anywhere.
    private static IEnumerable<TensorEntry> Split(TensorEntry tensor)
    {
        if (tensor.Strides is not null || tensor.Shape.Count == 0 || tensor.Shape[0] % Rows.Length != 0)
        {
            return [tensor];
        }

        long bytes = tensor.Bytes / Rows.Length;
        return Rows.Select((row, index) => tensor with
        {
            Name = tensor.Name.Replace(Fused, $"self_attn.{row}.", StringComparison.Ordinal),
            Shape = [tensor.Shape[0] / Rows.Length, .. tensor.Shape.Skip(1)],
            Offset = tensor.Offset + (index * bytes),
            Bytes = bytes,
        });
    }

    private static TensorEntry Squeeze(TensorEntry tensor, long rows, long columns) =>
        tensor with { Shape = [rows, columns], Strides = tensor.Strides is { } strides ? [strides[0], strides[1]] : null };
}
