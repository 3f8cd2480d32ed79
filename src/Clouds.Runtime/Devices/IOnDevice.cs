namespace Clouds.Runtime.Devices;

/// <summary>Something that computes on a device, so that what follows it can stay there.</summary>
public interface IOnDevice
{
    /// <summary>The device; borrowed.</summary>
    Device Device { get; }
}
