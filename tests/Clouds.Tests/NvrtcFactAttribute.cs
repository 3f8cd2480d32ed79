using System.Runtime.CompilerServices;
using Clouds.Runtime.Native;

namespace Clouds.Tests;

/// <summary>The CUDA run-time compiler for tests: the one that the product finds, for instance that of tools/fetch-nvrtc.sh.</summary>
internal static class NvrtcForTests
{
    private static readonly Lazy<(Nvrtc? Library, string? Reason)> Found = new(Find);

    /// <summary>The compiler; only for tests that the attributes let run.</summary>
    public static Nvrtc Library => Found.Value.Library ?? throw new InvalidOperationException(Found.Value.Reason);

    /// <summary>Why there is none, or null.</summary>
    public static string? Absent => Found.Value.Reason;

    private static (Nvrtc? Library, string? Reason) Find()
    {
        try
        {
            return (Nvrtc.Default, null);
        }
        catch (Clouds.Diagnostics.CloudsException)
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
    public NvrtcFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Skip = NvrtcForTests.Absent;
}

/// <summary>The same for tests with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NvrtcTheoryAttribute : TheoryAttribute
{
    /// <summary>Looks for the compiler.</summary>
    public NvrtcTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Skip = NvrtcForTests.Absent;
}
