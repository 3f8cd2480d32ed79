namespace Clouds.Emulator.Ptx;

/// <summary>A named register: byte offset and bytes a lane; predicates have width 0 and are one 32-bit mask.</summary>
internal readonly record struct Register(int Offset, int Width);

/// <summary>Lays out a warp's registers: predicates first, then 32 adjoining lanes each; scopes as braces open and close them.</summary>
internal sealed class RegisterFile
{
    private const int Lanes = 32;
    private readonly Stack<Dictionary<string, Register>> _scopes = new([[]]);
    private readonly Dictionary<(ulong Bits, int Width), Register> _constants = [];
    private readonly Dictionary<string, Register> _specials = [];
    private int _end;

    /// <summary>Bytes so far.</summary>
    public int Bytes => _end;

    /// <summary>Special registers used.</summary>
    public (string Name, int Offset)[] Specials => [.. _specials.Select(special => (special.Key, special.Value.Offset))];

    /// <summary>A brace opens.</summary>
    public void Open() => _scopes.Push([]);

    /// <summary>A brace closes.</summary>
    public void Close() => _scopes.Pop();

    /// <summary>".reg .b32 %r&lt;20&gt;" or ".reg .pred p, q".</summary>
    public void Declare(string text)
    {
        string[] words = text.Split(' ', 3);
        if (words.Length != 3 || !PtxType.TryParse(words[1].TrimStart('.'), out PtxType type))
        {
            throw new EmulatorFault(FaultKind.BadPtx, $"register declaration '{text}'");
        }

        foreach (string name in words[2].Split(',', StringSplitOptions.TrimEntries))
        {
            int range = name.IndexOf('<');
            if (range < 0)
            {
                _scopes.Peek()[name] = Add(type.Bytes);
                continue;
            }

            int count = int.Parse(name.AsSpan(range + 1, name.Length - range - 2));
            for (int i = 0; i < count; i++)
            {
                _scopes.Peek()[name[..range] + i] = Add(type.Bytes);
            }
        }
    }

    /// <summary>A declared or special register.</summary>
    public Register Find(string name)
    {
        foreach (Dictionary<string, Register> scope in _scopes)
        {
            if (scope.TryGetValue(name, out Register register))
            {
                return register;
            }
        }

        return name.StartsWith('%') && Execution.SpecialRegisters.Knows(name[1..])
            ? Special(name[1..])
            : throw new EmulatorFault(FaultKind.BadPtx, $"unknown register '{name}'");
    }

    /// <summary>A register that holds the same bits in every lane.</summary>
    public Register Constant(ulong bits, int width)
    {
        bits = width switch { 0 => bits == 0 ? 0 : uint.MaxValue, 8 => bits, _ => bits & ((1UL << (8 * width)) - 1) };
        if (!_constants.TryGetValue((bits, width), out Register register))
        {
            _constants[(bits, width)] = register = Add(width);
        }

        return register;
    }

    /// <summary>A register file with the constants filled in and all else poisoned.</summary>
    public byte[] Image()
    {
        byte[] image = new byte[_end];
        Array.Fill(image, (byte)0xCD);
        foreach (((ulong bits, int width), Register register) in _constants)
        {
            for (int lane = 0; lane < (width == 0 ? 1 : Lanes); lane++)
            {
                BitConverter.GetBytes(bits).AsSpan(0, width == 0 ? 4 : width).CopyTo(image.AsSpan(register.Offset + (lane * width)));
            }
        }

        return image;
    }

    private Register Special(string name)
    {
        if (!_specials.TryGetValue(name, out Register register))
        {
            _specials[name] = register = Add(4);
        }

        return register;
    }

    private Register Add(int width)
    {
        Register register = new(_end, width);
        _end += width == 0 ? 8 : Lanes * width;
        return register;
    }
}
