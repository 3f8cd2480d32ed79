using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Native;

namespace Clouds.Verification.Kernels;

/// <summary>Where compiled kernels come from.</summary>
/// <param name="nvrtc">Finds the compiler, or throws what to do to have one.</param>
/// <param name="cacheFolder">Folder of compiled kernels; null keeps none.</param>
public sealed class KernelToolchain(Func<Nvrtc> nvrtc, string? cacheFolder)
{
    /// <summary>NVRTC of this machine with the user's cache.</summary>
    public static KernelToolchain Default { get; } = new(() => Nvrtc.Default, KernelCompiler.DefaultCacheFolder);

    /// <summary>Changes PTX before it is loaded; for tests that plant a defect.</summary>
    internal Func<string, string>? Rewrite { get; init; }

    /// <summary>Starts a driver in the place of the machine's own; for tests.</summary>
    internal Func<IDriverTable>? Driver { get; init; }

    /// <summary>Compiles kernel files.</summary>
    internal KernelCompiler Compiler { get; } = new(nvrtc, cacheFolder);

    /// <summary>A device that runs these kernels.</summary>
    public DeviceSettings Settings => new() { Use = DeviceUse.Kernels, Compiler = Compiler, Rewrite = Rewrite, Driver = Driver };

    /// <summary>Major and minor version of the compiler.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException"><see cref="Clouds.Diagnostics.Failure.Device"/>: there is none; the message says how to
    /// get it.</exception>
    public string RequireCompiler()
    {
        (int major, int minor) = Compiler.Require().Version;
        return $"{major}.{minor}";
    }
}
