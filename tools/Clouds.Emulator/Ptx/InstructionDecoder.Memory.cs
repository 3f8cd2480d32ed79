using Clouds.Emulator.Execution;

namespace Clouds.Emulator.Ptx;

/// <summary>Loads, stores, atomics and asynchronous copies.</summary>
internal sealed partial class InstructionDecoder
{
    // Hints about caches and order; none changes what a single access does.
    private static readonly string[] Hints =
        ["nc", "ca", "cg", "cs", "lu", "cv", "wb", "wt", "weak", "L1::evict_first", "L1::no_allocate", "L2::128B", "L2::256B"];
    private static readonly string[] Flags = ["volatile", "relaxed", "acquire", "release", "acq_rel", "gpu", "cta", "sys", "gl", "mmio"];

    private static Space SpaceOf(IEnumerable<string> words)
    {
        foreach (string word in words)
        {
            switch (word)
            {
                case "global" or "const": return Space.Global;
                case "shared": return Space.Shared;
                case "local": return Space.Local;
                case "param": return Space.Parameter;
            }
        }

        return Space.Generic;
    }

    private void Access(Instruction i, string[] words, string address, string elements)
    {
        string[] modifiers = [.. words[1..^1].Where(word => word is not ("global" or "const" or "shared" or "local" or "param" or "v2" or "v4"))];
        if (!PtxType.TryParse(words[^1], out PtxType type) || modifiers.Any(word => !Hints.Contains(word) && !Flags.Contains(word)))
        {
            throw Unknown(i.Opcode);
        }

        (i.Size, i.Signed) = (type.Bytes, type.IsSigned);
        i.Flagged = modifiers.Any(Flags.Contains);
        i.Space = SpaceOf(words);
        Register[] parts = [.. Operands.Split(elements.Trim('{', '}')).Select(part => Value(part, Math.Max(2, type.Bytes)))];
        int vector = words.Contains("v4") ? 4 : words.Contains("v2") ? 2 : 1;
        if (parts.Length != vector || parts.Any(part => part.Width < type.Bytes || part.Width != parts[0].Width))
        {
            throw new EmulatorFault(FaultKind.BadPtx, $"'{elements}' does not fit {i.Opcode}");
        }

        (i.Elements, i.ElementWidth) = ([.. parts.Select(part => part.Offset)], parts[0].Width);
        Address(i, address);
    }

    private void Address(Instruction i, string address)
    {
        (string name, i.Offset) = Operands.Address(address);
        if (parameters.TryGetValue(name, out KernelParameter parameter))
        {
            i.Offset += parameter.Offset;
            (i.A, i.AddressWidth) = (registers.Constant(0, 8).Offset, 8);
            return;
        }

        Register register = Value(name, 8);
        (i.A, i.AddressWidth) = (register.Offset, register.Width);
    }

    private void Load(Instruction i, string[] words, string[] operands)
    {
        i.Kind = InstructionKind.Load;
        Access(i, words, operands[1], operands[0]);
    }

    private void Store(Instruction i, string[] words, string[] operands)
    {
        i.Kind = InstructionKind.Store;
        Access(i, words, operands[0], operands[1]);
    }

    private void Atomic(Instruction i, string[] words, string[] operands)
    {
        PtxType.TryParse(words[^1], out PtxType type);
        string operation = words[1..^1]
            .First(word => word is not ("global" or "shared" or "noftz" or "relaxed" or "acquire" or "release" or "acq_rel" or "gpu" or "cta" or "sys"));
        int first = words[0] == "red" ? 0 : 1;
        i.Kind = InstructionKind.Atomic;
        i.Space = SpaceOf(words);
        (i.Size, i.ElementWidth, i.Flagged) = (type.Bytes, type.Bytes, true);
        i.Atomic = AtomicOperations.Find($"{operation}.{words[^1]}") ?? throw Unknown(i.Opcode);
        i.D = first == 0 || operands[0] == "_" ? -1 : Exact(operands[0], type.Bytes);
        Address(i, operands[first]);
        i.B = Exact(operands[first + 1], type.Bytes);
        i.C = operands.Length > first + 2 ? Exact(operands[first + 2], type.Bytes) : i.B;
    }

    // The copy happens at once: a legal order of events, since nothing may read the target before the wait.
    private void Copy(Instruction i, string[] words, string[] operands)
    {
        if (words[2] is "commit_group" or "wait_group" or "wait_all")
        {
            i.Kind = InstructionKind.Nothing;
            return;
        }

        i.Kind = words[2] is "ca" or "cg" && operands.Length == 3 ? InstructionKind.Copy : throw Unknown(i.Opcode);
        i.Size = (int)Operands.Literal(operands[2]);
        Address(i, operands[1]);
        (string name, long offset) = Operands.Address(operands[0]);
        Register target = Value(name, 4);
        (i.B, i.WidthA, i.C) = (target.Offset, target.Width, (int)offset);
    }
}
