namespace Clouds.Emulator.Execution;

/// <summary>Read-only registers of a thread.</summary>
internal static class SpecialRegisters
{
    private static readonly string[] Names =
    [
        "tid.x", "tid.y", "tid.z", "ntid.x", "ntid.y", "ntid.z", "ctaid.x", "ctaid.y", "ctaid.z", "nctaid.x", "nctaid.y", "nctaid.z",
        "laneid", "warpid", "lanemask_lt", "lanemask_le", "lanemask_gt", "lanemask_ge", "lanemask_eq", "smid",
    ];

    /// <summary>True for a name of the list, without "%".</summary>
    public static bool Knows(string name) => Array.IndexOf(Names, name) >= 0;

    /// <summary>The value in one thread.</summary>
    /// <param name="name">Name without "%".</param>
    /// <param name="geometry">Sizes of the launch.</param>
    /// <param name="block">Linear index of the block.</param>
    /// <param name="thread">Linear index of the thread in its block.</param>
    public static uint Value(string name, LaunchGeometry geometry, long block, int thread)
    {
        int lane = thread & 31;
        Dim3 b = geometry.Block;
        Dim3 g = geometry.Grid;
        return name switch
        {
            "tid.x" => (uint)(thread % b.X),
            "tid.y" => (uint)(thread / b.X % b.Y),
            "tid.z" => (uint)(thread / b.X / b.Y),
            "ntid.x" => (uint)b.X,
            "ntid.y" => (uint)b.Y,
            "ntid.z" => (uint)b.Z,
            "ctaid.x" => (uint)(block % g.X),
            "ctaid.y" => (uint)(block / g.X % g.Y),
            "ctaid.z" => (uint)(block / g.X / g.Y),
            "nctaid.x" => (uint)g.X,
            "nctaid.y" => (uint)g.Y,
            "nctaid.z" => (uint)g.Z,
            "laneid" => (uint)lane,
            "warpid" => (uint)(thread / 32),
            "lanemask_lt" => (1u << lane) - 1,
            "lanemask_le" => (2u << lane) - 1,
            "lanemask_gt" => ~((2u << lane) - 1),
            "lanemask_ge" => ~((1u << lane) - 1),
            "lanemask_eq" => 1u << lane,
            "smid" => 0,
            _ => throw new EmulatorFault(FaultKind.BadPtx, $"special register %{name}"),
        };
    }
}

/// <summary>Three extents.</summary>
public readonly record struct Dim3(int X, int Y = 1, int Z = 1)
{
    /// <summary>Their product.</summary>
    public long Count => (long)X * Y * Z;
}

/// <summary>Sizes of a launch.</summary>
/// <param name="Grid">Blocks.</param>
/// <param name="Block">Threads a block.</param>
/// <param name="DynamicShared">Shared bytes beyond the kernel's own.</param>
public readonly record struct LaunchGeometry(Dim3 Grid, Dim3 Block, int DynamicShared = 0);
