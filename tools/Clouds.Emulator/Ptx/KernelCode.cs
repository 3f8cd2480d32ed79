namespace Clouds.Emulator.Ptx;

/// <summary>A parameter's place in the parameter block.</summary>
internal readonly record struct KernelParameter(string Name, int Offset, int Bytes);

/// <summary>A decoded kernel.</summary>
internal sealed class KernelCode
{
    /// <summary>Entry name.</summary>
    public required string Name { get; init; }

    /// <summary>Instructions in text order.</summary>
    public required Instruction[] Code { get; init; }

    /// <summary>Parameters in order.</summary>
    public required KernelParameter[] Parameters { get; init; }

    /// <summary>Bytes of the parameter block.</summary>
    public required int ParameterBytes { get; init; }

    /// <summary>Bytes of a warp's register file.</summary>
    public required int RegisterBytes { get; init; }

    /// <summary>First contents of a register file: immediates are filled in.</summary>
    public required byte[] RegisterImage { get; init; }

    /// <summary>Special registers: name without "%", and offset of their lanes.</summary>
    public required (string Name, int Offset)[] Specials { get; init; }

    /// <summary>Shared bytes with a size known at compile time.</summary>
    public required int StaticShared { get; init; }

    /// <summary>Bytes of local memory a thread.</summary>
    public required int LocalBytes { get; init; }

    /// <summary>Threads a block from .maxntid, or 1024.</summary>
    public required int MaxThreads { get; init; }
}
