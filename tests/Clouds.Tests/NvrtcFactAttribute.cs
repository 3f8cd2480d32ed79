using Clouds.Runtime.Native;

namespace Clouds.Tests;

/// <summary>The CUDA run-time compiler for tests: the one that tools/fetch-nvrtc.sh put into .cache/nvrtc, or the machine's own.</summary>
internal static class NvrtcForTests
{
    private static readonly Lazy<(Nvrtc? Library, string? Reason)> Found = new(Find);

    /// <summary>The compiler; only for tests that the attributes let run.</summary>
    public static Nvrtc Library => Found.Value.Library ?? throw new InvalidOperationException(Found.Value.Reason);

    /// <summary>Why there is none, or null.</summary>
    public static string? Absent => Found.Value.Reason;

    private static (Nvrtc? Library, string? Reason) Find()
    {
        string fetched = Path.Combine(Repository.Root, ".cache", "nvrtc", "lib");
        if (Directory.Exists(fetched))
        {
            // For tests of whole command lines, which look for the compiler themselves.
            Environment.SetEnvironmentVariable(Nvrtc.PathVariable, fetched);
        }

        try
        {
            return (Directory.Exists(fetched) ? Nvrtc.Load(fetched) : Nvrtc.Default, null);
        }
        catch (Clouds.Graph.Diagnostics.CloudsException)
        {
            return (null, "no CUDA run-time compiler (libnvrtc) on this machine: tools/fetch-nvrtc.sh fetches one where Debian packages are at hand");
        }
    }
}

/// <summary>A test that compiles CUDA kernels; skipped, with the reason, where there is no NVRTC.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NvrtcFactAttribute : FactAttribute
{
    /// <summary>Looks for the compiler.</summary>
    public NvrtcFactAttribute() => Skip = NvrtcForTests.Absent;
}

/// <summary>The same for tests with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NvrtcTheoryAttribute : TheoryAttribute
{
    /// <summary>Looks for the compiler.</summary>
    public NvrtcTheoryAttribute() => Skip = NvrtcForTests.Absent;
}
