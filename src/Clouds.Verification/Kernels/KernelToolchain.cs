using Clouds.Runtime.Compilation;
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

    /// <summary>Compiles kernel files.</summary>
    internal KernelCompiler Compiler { get; } = new(nvrtc, cacheFolder);

    /// <summary>Major and minor version of the compiler.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException"><see cref="Clouds.Diagnostics.Failure.Device"/>: there is none; the message says how to
    /// get it.</exception>
    public string RequireCompiler()
    {
        (int major, int minor) = nvrtc().Version;
        return $"{major}.{minor}";
    }
}
