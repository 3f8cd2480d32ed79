namespace Clouds.Emulator.Ptx;

/// <summary>A fundamental type: "s32" is ('s', 32), predicates are ('p', 1).</summary>
internal readonly record struct PtxType(char Family, int Bits)
{
    /// <summary>Bytes in a register file's lane.</summary>
    public int Bytes => Bits / 8;

    /// <summary>Two's complement.</summary>
    public bool IsSigned => Family == 's';

    /// <summary>Binary floating point.</summary>
    public bool IsFloat => Family == 'f';

    /// <summary>Reads "u32", "pred", "b8".</summary>
    public static bool TryParse(string text, out PtxType type)
    {
        type = text == "pred" ? new PtxType('p', 1) : default;
        if (text != "pred" && text.Length is 2 or 3 && "sufb".Contains(text[0]) && int.TryParse(text.AsSpan(1), out int bits) && bits is 8 or 16 or 32 or 64)
        {
            type = new PtxType(text[0], bits);
        }

        return type.Bits != 0;
    }
}
