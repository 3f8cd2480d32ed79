namespace Clouds.Graph.Weights;

/// <summary>Extents of a file's tensors by name: what a network's sizes are told from where nothing else says them.</summary>
/// <param name="shapes">Extents by name.</param>
public sealed class TensorShapes(IReadOnlyDictionary<string, IReadOnlyList<long>> shapes)
{
    /// <summary>Those of an opened file, under the names that it has there.</summary>
    public static TensorShapes Of(WeightSource source) => new(source.Tensors.ToDictionary(
        tensor => tensor.Key, tensor => tensor.Value.Shape, StringComparer.Ordinal));

    /// <summary>Whether there is such a tensor.</summary>
    public bool Has(string name) => shapes.ContainsKey(name);

    /// <summary>One of a tensor's extents.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="axis">The dimension, from 0.</param>
    /// <param name="otherwise">The answer where there is no such tensor, or it has not so many dimensions.</param>
    public int Extent(string name, int axis, int otherwise) =>
        shapes.TryGetValue(name, out IReadOnlyList<long>? extents) && axis < extents.Count ? (int)Math.Min(extents[axis], int.MaxValue) : otherwise;

    /// <summary>How many tensors there are whose names have 0, 1, 2, .. in the place of a star.</summary>
    public int Count(string name)
    {
        int count = 0;
        while (Has(name.Replace("*", $"{count}", StringComparison.Ordinal)))
        {
            count++;
        }

        return count;
    }
}
