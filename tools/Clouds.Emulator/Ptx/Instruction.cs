namespace Clouds.Emulator.Ptx;

/// <summary>Who executes an instruction.</summary>
internal enum InstructionKind
{
    /// <summary>Lane by lane, through <see cref="Instruction.Alu"/>.</summary>
    Alu,

    /// <summary>Nothing happens.</summary>
    Nothing,

    /// <summary>Jump.</summary>
    Branch,

    /// <summary>End of the lanes.</summary>
    Exit,

    /// <summary>Abort of the launch.</summary>
    Trap,

    /// <summary>Wait for the block, with or without a vote.</summary>
    Barrier,

    /// <summary>Wait for lanes of the warp; shuffles, votes, matches and warp reductions among them.</summary>
    WarpSync,

    /// <summary>Read memory.</summary>
    Load,

    /// <summary>Write memory.</summary>
    Store,

    /// <summary>Read, change and write memory at once.</summary>
    Atomic,

    /// <summary>Global to shared without registers between.</summary>
    Copy,

    /// <summary>Mask of the lanes that run.</summary>
    ActiveMask,
}

/// <summary>Where an address points.</summary>
internal enum Space
{
    /// <summary>Global, or a window of shared or local memory.</summary>
    Generic,

    /// <summary>Device memory.</summary>
    Global,

    /// <summary>Block memory.</summary>
    Shared,

    /// <summary>Thread memory.</summary>
    Local,

    /// <summary>Kernel parameters.</summary>
    Parameter,
}

/// <summary>A decoded instruction; registers are byte offsets into a warp's register file, immediates are registers as well.</summary>
internal sealed unsafe class Instruction
{
    /// <summary>Source text, for messages and lists.</summary>
    public required string Text { get; init; }

    /// <summary>Opcode with modifiers and types, for instance "add.s32".</summary>
    public required string Opcode { get; init; }

    /// <summary>Line in the PTX text.</summary>
    public int Line { get; init; }

    /// <summary>Index in the kernel's code.</summary>
    public int Pc { get; init; }

    public InstructionKind Kind;
    public delegate*<byte*, Instruction, uint, void> Alu;

    /// <summary>Offset of the guarding predicate, or -1.</summary>
    public int Guard = -1;
    public bool GuardNegated;

    public int D = -1;
    public int A = -1;
    public int B = -1;
    public int C = -1;

    /// <summary>Second destination (predicate of a shuffle or comparison), or -1.</summary>
    public int D2 = -1;

    /// <summary>Member mask of a warp operation.</summary>
    public int Members = -1;

    /// <summary>Registers of a vector load or store; one for a scalar.</summary>
    public int[] Elements = [];

    /// <summary>Bytes of each register in <see cref="Elements"/>, of D and of A.</summary>
    public int ElementWidth;
    public int WidthD;
    public int WidthA;

    /// <summary>Jump target.</summary>
    public int Target = -1;

    /// <summary>Bytes of address registers: 4 or 8.</summary>
    public int AddressWidth = 8;
    public long Offset;
    public Space Space;

    /// <summary>Bytes of one element in memory.</summary>
    public int Size;
    public bool Signed;

    /// <summary>Volatile or otherwise flagged: exempt from the race check against its like.</summary>
    public bool Flagged;

    /// <summary>Kind of warp operation, atomic or vote, with its type: for instance "shfl.up", "add.f32", "popc".</summary>
    public string Operation = "";
    public Execution.AtomicFunction? Atomic;
    public ConversionRule Conversion;
}

/// <summary>Parts of a cvt instruction.</summary>
internal readonly record struct ConversionRule(PtxType To, PtxType From, string Rounding, bool Saturate, bool Flush);
