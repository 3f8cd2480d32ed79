namespace Clouds.Emulator.Execution;

/// <summary>The new contents of a place.</summary>
/// <param name="old">Bits before.</param>
/// <param name="b">Operand.</param>
/// <param name="c">Second operand of compare-and-swap.</param>
internal delegate ulong AtomicFunction(ulong old, ulong b, ulong c);

/// <summary>Rules of atomic instructions by operation and type; results are cut to the type's size by the caller.</summary>
internal static class AtomicOperations
{
    private static readonly Dictionary<string, AtomicFunction> Functions = new()
    {
        ["add.u32"] = (old, b, _) => old + b,
        ["add.s32"] = (old, b, _) => old + b,
        ["add.u64"] = (old, b, _) => old + b,
        ["add.s64"] = (old, b, _) => old + b,
        ["add.f32"] = (old, b, _) => BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle((uint)old) + BitConverter.UInt32BitsToSingle((uint)b)),
        ["add.f64"] = (old, b, _) => BitConverter.DoubleToUInt64Bits(BitConverter.UInt64BitsToDouble(old) + BitConverter.UInt64BitsToDouble(b)),
        ["min.u32"] = (old, b, _) => Math.Min(old, b),
        ["min.u64"] = (old, b, _) => Math.Min(old, b),
        ["min.s32"] = (old, b, _) => (uint)Math.Min((int)old, (int)b),
        ["min.s64"] = (old, b, _) => (ulong)Math.Min((long)old, (long)b),
        ["max.u32"] = (old, b, _) => Math.Max(old, b),
        ["max.u64"] = (old, b, _) => Math.Max(old, b),
        ["max.s32"] = (old, b, _) => (uint)Math.Max((int)old, (int)b),
        ["max.s64"] = (old, b, _) => (ulong)Math.Max((long)old, (long)b),
        ["and.b32"] = (old, b, _) => old & b,
        ["and.b64"] = (old, b, _) => old & b,
        ["or.b32"] = (old, b, _) => old | b,
        ["or.b64"] = (old, b, _) => old | b,
        ["xor.b32"] = (old, b, _) => old ^ b,
        ["xor.b64"] = (old, b, _) => old ^ b,
        ["exch.b32"] = (_, b, _) => b,
        ["exch.b64"] = (_, b, _) => b,
        ["cas.b32"] = (old, b, c) => old == b ? c : old,
        ["cas.b64"] = (old, b, c) => old == b ? c : old,
        ["inc.u32"] = (old, b, _) => old >= b ? 0 : old + 1,
        ["dec.u32"] = (old, b, _) => old == 0 || old > b ? b : old - 1,
    };

    /// <summary>The rule of for instance "add.u32", or null.</summary>
    public static AtomicFunction? Find(string operation) => Functions.GetValueOrDefault(operation);
}
