using Clouds.Runtime.Compilation;
using Clouds.Runtime.CustomOps;
using Clouds.Runtime.Sessions;

namespace Clouds.Verification.Golden;

/// <summary>Where golden cases are computed. Borrows its GPU, which must outlive the run.</summary>
public sealed class VerifyDevice
{
    private readonly string _name;

    private VerifyDevice(string name, Gpu? gpu, SessionSettings sessions) => (_name, Gpu, Sessions) = (name, gpu, sessions);

    /// <summary>The processor.</summary>
    public static VerifyDevice Cpu { get; } = new("cpu", null, new SessionSettings());

    /// <summary>The GPU whose kernels stand in for those of the processor; null on the processor.</summary>
    internal Gpu? Gpu { get; }

    /// <summary>How graphs run.</summary>
    internal SessionSettings Sessions { get; }

    /// <summary>An NVIDIA GPU: graphs on ONNX Runtime's CUDA provider, our operators and kernels on the same device.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">A kernel cannot be compiled or loaded.</exception>
    public static VerifyDevice Cuda(Gpu gpu)
    {
        ArgumentNullException.ThrowIfNull(gpu);
        CloudsOps.Prepare(gpu);
        return new("cuda", gpu, new SessionSettings { Device = new Device(DeviceKind.Cuda, gpu.Ordinal), Gpu = gpu });
    }

    /// <summary>
    /// Our operators and kernels on a GPU that ONNX Runtime does not know, for instance an emulated one; the rest of every graph on the
    /// processor. Tensors travel there and back at every operator.
    /// </summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">A kernel cannot be compiled or loaded.</exception>
    public static VerifyDevice KernelsOn(Gpu gpu)
    {
        ArgumentNullException.ThrowIfNull(gpu);
        CloudsOps.Prepare(gpu);
        return new("kernels on " + gpu.Name, gpu, new SessionSettings { Gpu = gpu });
    }

    /// <inheritdoc/>
    public override string ToString() => _name;
}
