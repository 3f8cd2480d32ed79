namespace Clouds.Graph.Weights.Torch;

/// <summary>A view of a storage: what PyTorch calls a tensor. It lies within its storage.</summary>
/// <param name="Storage">The elements.</param>
/// <param name="Type">Element type.</param>
/// <param name="Offset">First element.</param>
/// <param name="Shape">Dimensions, slowest first.</param>
/// <param name="Strides">Elements from one index to the next, for each dimension.</param>
/// <param name="Bytes">Product of the dimensions times the element size.</param>
internal sealed record TorchTensor(TorchStorage Storage, WeightType Type, long Offset, long[] Shape, long[] Strides, long Bytes)
{
    // PyTorch's own limit.
    private const int MaxRank = 64;

    private bool LiesInOrder => Bytes == 0 || Enumerable.Range(0, Shape.Length).All(axis => Shape[axis] == 1 || Strides[axis] == Behind(axis));

    /// <summary>Checks a view; null where it does not lie within its storage or its numbers make no sense.</summary>
    public static TorchTensor? Of(TorchStorage storage, WeightType type, object? offset, long[]? shape, long[]? strides)
    {
        if (offset is not >= 0L || shape is null || strides is null || shape.Length != strides.Length || shape.Length > MaxRank)
        {
            return null;
        }

        bool empty = shape.Contains(0);
        Int128 bytes = empty ? 0 : type.Size();
        Int128 last = (long)offset;
        for (int axis = 0; axis < shape.Length && bytes > 0 && bytes <= long.MaxValue; axis++)
        {
            bytes *= shape[axis];
            last += (Int128)(shape[axis] - 1) * strides[axis];
        }

        return bytes <= long.MaxValue && (empty || last < storage.Bytes / type.Size())
            ? new TorchTensor(storage, type, (long)offset, shape, strides, (long)bytes)
            : null;
    }

    /// <summary>The tensor as an entry of its file.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="place">Where its storage lies.</param>
    public TensorEntry At(string name, TorchPlace place)
    {
        long offset = Bytes == 0 ? 0 : (Storage.Start * Storage.Type.Size()) + (Offset * Type.Size());
        return new TensorEntry(name, Type, Array.AsReadOnly(Shape), place.File, place.Offset + offset, Bytes)
        {
            Strides = LiesInOrder ? null : Array.AsReadOnly(Strides),
        };
    }

    private long Behind(int axis)
    {
        long elements = 1;
        for (int inner = axis + 1; inner < Shape.Length; inner++)
        {
            elements *= Shape[inner];
        }

        return elements;
    }
}
