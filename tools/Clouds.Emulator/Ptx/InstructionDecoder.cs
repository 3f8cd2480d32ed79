using Clouds.Emulator.Execution;
using Clouds.Emulator.Lanes;

namespace Clouds.Emulator.Ptx;

/// <summary>Turns one statement into an <see cref="Instruction"/>.</summary>
internal sealed unsafe partial class InstructionDecoder(
    RegisterFile registers, IReadOnlyDictionary<string, PtxVariable> variables,
    IReadOnlyDictionary<string, KernelParameter> parameters, IReadOnlyDictionary<string, int> labels)
{
    /// <summary>Decodes.</summary>
    /// <param name="statement">"@%p1 add.s32 %r1, %r2, 3".</param>
    /// <param name="pc">Its index.</param>
    /// <exception cref="EmulatorFault"><see cref="FaultKind.BadPtx"/> with line and text.</exception>
    public Instruction Decode(PtxStatement statement, int pc)
    {
        try
        {
            string text = statement.Text;
            string guard = "";
            if (text.StartsWith('@'))
            {
                guard = text[1..text.IndexOf(' ')];
                text = text[(guard.Length + 2)..].TrimStart();
            }

            int space = text.IndexOf(' ');
            string opcode = space < 0 ? text : text[..space];
            string[] operands = space < 0 ? [] : Operands.Split(text[(space + 1)..]);
            Instruction result = new() { Text = statement.Text, Opcode = opcode, Line = statement.Line, Pc = pc };
            if (guard.Length > 0)
            {
                result.GuardNegated = guard.StartsWith('!');
                result.Guard = registers.Find(guard.TrimStart('!')).Offset;
            }

            Fill(result, opcode.Split('.'), operands);
            return result;
        }
        catch (EmulatorFault fault) when (fault.Kind == FaultKind.BadPtx && !fault.Message.Contains("line ", StringComparison.Ordinal))
        {
            throw new EmulatorFault(FaultKind.BadPtx, $"line {statement.Line}: '{statement.Text}': {fault.Message}");
        }
        catch (Exception damage) when (damage is IndexOutOfRangeException or ArgumentException or FormatException)
        {
            throw new EmulatorFault(FaultKind.BadPtx, $"line {statement.Line}: '{statement.Text}' cannot be read: {damage.Message}");
        }
    }

    private static EmulatorFault Unknown(string opcode) => new(FaultKind.BadPtx, $"'{opcode}' is not in the emulator's inventory");

    private void Fill(Instruction i, string[] words, string[] operands)
    {
        switch (words[0])
        {
            case "ld" or "ldu": Load(i, words, operands); break;
            case "st": Store(i, words, operands); break;
            case "atom" or "red": Atomic(i, words, operands); break;
            case "cp": Copy(i, words, operands); break;
            case "bra": Branch(i, operands); break;
            case "ret" or "exit": i.Kind = InstructionKind.Exit; break;
            case "trap": i.Kind = InstructionKind.Trap; break;
            case "membar" or "fence" or "nanosleep" or "prefetch" or "discard": i.Kind = InstructionKind.Nothing; break;
            case "activemask": Result(i, InstructionKind.ActiveMask, operands[0]); break;
            case "bar" or "barrier": Barrier(i, words, operands); break;
            case "shfl" or "vote" or "match" or "redux": WarpOperation(i, words, operands); break;
            case "mov" when operands[0].StartsWith('{') || operands[1].StartsWith('{'): Pack(i, operands); break;
            case "cvt": Convert(i, words, operands); break;
            case "cvta": Window(i, words, operands); break;
            case "setp": Compare(i, words, operands); break;
            default: Alu(i, operands); break;
        }
    }

    private void Alu(Instruction i, string[] operands)
    {
        AluForm form = OpTable.Find(i.Opcode) ?? throw Unknown(i.Opcode);
        i.Kind = InstructionKind.Alu;
        i.Alu = form.Function;
        i.D = Exact(operands[0], form.D);
        i.A = form.A < 0 ? -1 : Exact(operands[1], form.A);
        i.B = form.B < 0 ? -1 : Exact(operands[2], form.B);
        i.C = form.C < 0 ? -1 : Exact(operands[3], form.C);
        i.D2 = operands.Length > 4 ? Exact(operands[4], 4) : -1;
        i.WidthD = form.D;
    }

    private void Compare(Instruction i, string[] words, string[] operands)
    {
        AluForm form = OpTable.Find(i.Opcode) ?? throw Unknown(i.Opcode);
        string[] destinations = operands[0].Split('|');
        i.Kind = InstructionKind.Alu;
        i.Alu = form.Function;
        i.D = Exact(destinations[0], 0);
        i.D2 = destinations.Length > 1 && destinations[1] != "_" ? Exact(destinations[1], 0) : -1;
        i.A = Exact(operands[1], form.A);
        i.B = Exact(operands[2], form.B);
    }

    private void Convert(Instruction i, string[] words, string[] operands)
    {
        string[] modifiers = words[1..^2];
        if (!PtxType.TryParse(words[^2], out PtxType to) || !PtxType.TryParse(words[^1], out PtxType from))
        {
            throw Unknown(i.Opcode);
        }

        string? strange = modifiers.FirstOrDefault(word => word is not ("rn" or "rz" or "rm" or "rp" or "rni" or "rzi" or "rmi" or "rpi" or "sat" or "ftz"));
        i.Conversion =
            new ConversionRule(to, from, modifiers.FirstOrDefault(word => word.StartsWith('r'), ""), modifiers.Contains("sat"), modifiers.Contains("ftz"));
        (Register d, Register a) = (registers.Find(operands[0]), Value(operands[1], Math.Max(from.Bytes, 2)));
        (i.Kind, i.D, i.WidthD, i.A, i.WidthA) = (InstructionKind.Alu, d.Offset, d.Width, a.Offset, a.Width);
        i.Alu = strange is null ? Conversions.Choose(i.Conversion) : throw Unknown(i.Opcode);
    }

    // Addresses inside a window are offsets; generic addresses carry the window in their high bits.
    private void Window(Instruction i, string[] words, string[] operands)
    {
        bool toGeneric = words[1] != "to";
        ulong window = words[toGeneric ? 1 : 2] switch
        {
            "shared" => AddressWindows.Shared,
            "local" => AddressWindows.Local,
            "global" or "const" or "param" => 0,
            _ => throw Unknown(i.Opcode),
        };
        i.Kind = InstructionKind.Alu;
        i.Alu = (OpTable.Find(toGeneric ? "add.u64" : "sub.u64") ?? throw Unknown(i.Opcode)).Function;
        (i.D, i.A, i.B) = (Exact(operands[0], 8), Exact(operands[1], 8), registers.Constant(window, 8).Offset);
    }

    private void Pack(Instruction i, string[] operands)
    {
        bool unpack = operands[0].StartsWith('{');
        string[] parts = Operands.Split(operands[unpack ? 0 : 1].Trim('{', '}'));
        int whole = i.Opcode.EndsWith("64", StringComparison.Ordinal) ? 8 : 4;
        i.ElementWidth = whole / parts.Length;
        i.Elements = [.. parts.Select(part => part == "_" ? -1 : Exact(part, i.ElementWidth))];
        (i.Kind, i.WidthD) = (InstructionKind.Alu, whole);
        i.D = Exact(operands[unpack ? 1 : 0], whole);
        i.Alu = unpack ? &Conversions.Unpack : &Conversions.Pack;
    }

    private void Branch(Instruction i, string[] operands)
    {
        i.Kind = InstructionKind.Branch;
        i.Target = labels.TryGetValue(operands[0], out int target) ? target : throw new EmulatorFault(FaultKind.BadPtx, $"no label '{operands[0]}'");
    }

    private void Barrier(Instruction i, string[] words, string[] operands)
    {
        bool warp = words[1] == "warp";
        i.Kind = warp ? InstructionKind.WarpSync : InstructionKind.Barrier;
        i.Operation = warp ? "sync" : words[1] == "red" ? words[2] : "sync";
        if (warp)
        {
            i.Members = Exact(operands[0], 4);
            return;
        }

        bool reduction = words[1] == "red";
        if (operands.Length != (reduction ? 3 : 1) || !Operands.IsLiteral(operands[reduction ? 1 : 0]) || (!reduction && words[1] != "sync"))
        {
            throw Unknown(i.Opcode);
        }

        i.Offset = (long)Operands.Literal(operands[reduction ? 1 : 0]);
        if (reduction)
        {
            i.D = Exact(operands[0], words[2] == "popc" ? 4 : 0);
            i.A = Exact(operands[2], 0);
        }
    }

    private void WarpOperation(Instruction i, string[] words, string[] operands)
    {
        string[] destinations = operands[0].Split('|');
        i.Kind = InstructionKind.WarpSync;
        i.Operation = string.Join('.', words.Where(word => word != "sync" && !PtxType.TryParse(word, out _)));
        PtxType.TryParse(words[^1], out PtxType type);
        i.Signed = type.IsSigned;
        int width = words[0] == "vote" && words[2] != "ballot" ? 0 : 4;
        i.D = Exact(destinations[0], width);
        i.D2 = destinations.Length > 1 && destinations[1] != "_" ? Exact(destinations[1], 0) : -1;
        i.WidthA = words[0] == "vote" ? 0 : type.Bytes;
        i.A = Exact(operands[1], i.WidthA);
        i.B = words[0] == "shfl" ? Exact(operands[2], 4) : -1;
        i.C = words[0] == "shfl" ? Exact(operands[3], 4) : -1;
        i.Members = Exact(operands[^1], 4);
        if (!WarpOperations.Knows(i.Operation))
        {
            throw Unknown(i.Opcode);
        }
    }

    private void Result(Instruction i, InstructionKind kind, string destination) => (i.Kind, i.D) = (kind, Exact(destination, 4));

    /// <summary>Register, immediate or symbol of exactly this width in bytes.</summary>
    private int Exact(string operand, int width)
    {
        Register register = Value(operand, width);
        return register.Width == width ? register.Offset : throw new EmulatorFault(FaultKind.BadPtx,
            $"'{operand}' has {8 * register.Width} bits, {8 * width} are wanted");
    }

    private Register Value(string operand, int width)
    {
        if (Operands.IsLiteral(operand))
        {
            return registers.Constant(Operands.Literal(operand), width);
        }

        return variables.TryGetValue(operand, out PtxVariable? variable) ? registers.Constant((ulong)variable.Address, width) : registers.Find(operand);
    }
}
