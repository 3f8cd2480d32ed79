namespace Clouds.Runtime.CustomOps;

/// <summary>Checks the shapes of one operator's tensors; a failure names the operator, the tensor and both shapes.</summary>
/// <param name="Op">Name of the operator.</param>
internal readonly record struct ShapeCheck(string Op)
{
    /// <summary>A condition on a shape.</summary>
    /// <exception cref="ArgumentException">It does not hold.</exception>
    public void That(bool holds, string name, long[] shape, string expected)
    {
        if (!holds)
        {
            throw new ArgumentException($"{Op}: {name} has shape [{string.Join(", ", shape)}], expected {expected}");
        }
    }

    /// <summary>An exact shape.</summary>
    public void Same(long[] shape, string name, params ReadOnlySpan<long> expected)
        => That(shape.AsSpan().SequenceEqual(expected), name, shape, $"[{string.Join(", ", expected.ToArray())}]");

    /// <summary>A number of dimensions; -1 = any.</summary>
    public void Rank(long[] shape, string name, int rank) => That(rank < 0 || shape.Length == rank, name, shape, $"{rank} dimensions");
}
