using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

/// <summary>The optimiser's five arenas in buffers of a device, in the order of their record.</summary>
internal static class ArenasOnDevice
{
    public static DeviceArenas Of(IReadOnlyList<DeviceBuffer<float>> buffers) => new()
    {
        Parameters = buffers[0].Span,
        Gradients = buffers[1].Span,
        FirstMoment = buffers[2].Span,
        SecondMoment = buffers[3].Span,
        Teacher = buffers[4].Span,
    };
}
