using Clouds.Runtime.Devices;

namespace Clouds.Runtime.CustomOps;

/// <summary>A tensor in device memory, lent to a kernel for one call; the host cannot read it.</summary>
/// <param name="Address">Device address of the first element.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions.</param>
internal readonly record struct DeviceTensor(ulong Address, ElementType Type, long[] Shape)
{
    /// <summary>Product of the dimensions.</summary>
    public long Elements => Shape.Aggregate(1L, (product, dimension) => checked(product * dimension));

    /// <summary>As floats.</summary>
    public DeviceSpan<float> Floats => new(Address, Elements);

    /// <summary>As bytes.</summary>
    public DeviceSpan<byte> Bytes => new(Address, Elements);

    /// <summary>As 64-bit integers.</summary>
    public DeviceSpan<long> Longs => new(Address, Elements);

    /// <summary>Dimension i as an int.</summary>
    public int this[int i] => checked((int)Shape[i]);
}
