using Clouds.Runtime.CustomOps;

namespace Clouds.Runtime.Kernels;

/// <summary>ScatterAdd(updates [B...,K...,D...], indices [B...,K...]; int rows = R, batch_axes = rank of B) -> [B...,R,D...].</summary>
internal sealed class ScatterAddKernel(int rows, int batchAxes) : ICustomKernel
{
    /// <summary>Floats that one thread has cleared or added before others would have begun.</summary>
    private const int Alone = 16 * 1024;

    /// <inheritdoc/>
    public void Compute(OpContext context)
    {
        OpTensor updates = context.Input(0, "updates");
        OpTensor indices = context.Input(1, "indices");
        (ScatterAddShape shape, long[] result) = Sizes(context.Shapes, updates.Shape, indices.Shape, rows, batchAxes);
        HostSpan<float> output = context.Output(0, ElementType.Float, result).Floats;
        context.Split(ScatterAdd.Pages(shape), shape.Sums <= Alone ? 1 : ScatterAddShape.Parts, (from, to) => ScatterAdd.Clear(shape, output, from, to));
        context.Split(ScatterAdd.Units(shape), shape.Terms <= Alone ? 1 : ScatterAddShape.Parts,
            (from, to) => ScatterAdd.Add(shape, updates.Floats, indices.Longs, output, from, to));
    }

    /// <summary>Checks the shapes and brings them into blocks, rows and columns.</summary>
    internal static (ScatterAddShape Shape, long[] Result) Sizes(ShapeCheck check, long[] updates, long[] indices, int rows, int batchAxes)
    {
        check.That(rows > 0 && batchAxes >= 0 && batchAxes <= indices.Length, "indices",
            indices, $"{batchAxes} axes before those of the indices of {rows} rows");
        check.That(updates.AsSpan().StartsWith(indices), "updates", updates, $"[{string.Join(", ", indices)}, ...]");
        long[] result = [.. indices.Take(batchAxes), rows, .. updates.Skip(indices.Length)];
        return (new ScatterAddShape(Product(indices.Take(batchAxes)), Product(indices.Skip(batchAxes)), rows, Product(updates.Skip(indices.Length))), result);
    }

    private static int Product(IEnumerable<long> sizes) => sizes.Aggregate(1, (product, size) => checked((int)(product * size)));
}
