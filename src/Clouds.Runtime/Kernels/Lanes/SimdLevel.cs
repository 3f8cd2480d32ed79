using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Clouds.Runtime.Kernels;

/// <summary>Vector width of a kernel that has a path for each; all paths give the same results.</summary>
public enum SimdLevel
{
    /// <summary>No vectors.</summary>
    Plain,

    /// <summary>32 bytes, AVX2 class.</summary>
    Vector256,

    /// <summary>64 bytes, AVX-512 class.</summary>
    Vector512,
}

/// <summary>What the present machine has.</summary>
public static class SimdLevels
{
    /// <summary>The widest level that runs in hardware here.</summary>
    public static SimdLevel Best { get; } =
        Avx512BW.IsSupported && Vector512.IsHardwareAccelerated ? SimdLevel.Vector512
        : Avx2.IsSupported && Vector256.IsHardwareAccelerated ? SimdLevel.Vector256 : SimdLevel.Plain;

    /// <summary>Every level that runs in hardware here, narrowest first.</summary>
    public static IReadOnlyList<SimdLevel> All { get; } = [.. Enum.GetValues<SimdLevel>().Where(level => level <= Best)];
}
