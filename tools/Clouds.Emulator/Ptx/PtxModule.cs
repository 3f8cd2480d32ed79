using System.Globalization;

namespace Clouds.Emulator.Ptx;

/// <summary>A variable of a module or kernel.</summary>
/// <param name="Name">Name.</param>
/// <param name="Space">Where it lies.</param>
/// <param name="Address">Its address there.</param>
/// <param name="Bytes">Size; 0 for extern shared arrays.</param>
/// <param name="Initial">First bytes; empty = zero.</param>
internal sealed record PtxVariable(string Name, Space Space, long Address, long Bytes, byte[] Initial);

/// <summary>Loaded PTX: its kernels, and its variables in device memory.</summary>
internal sealed class PtxModule
{
    private readonly Dictionary<string, PtxVariable> _variables = [];
    private readonly Dictionary<string, KernelCode> _kernels = [];

    /// <summary>Decodes a text.</summary>
    /// <param name="ptx">PTX of any target up to the inventory of kernels.md section 9.1.</param>
    /// <param name="place">Gives a module variable device memory with these first bytes, the rest zero: (bytes, initial) to address.</param>
    /// <exception cref="EmulatorFault"><see cref="FaultKind.BadPtx"/>.</exception>
    public PtxModule(string ptx, Func<long, byte[], long> place)
    {
        List<PtxStatement> statements = PtxStatements.Split(ptx);
        if (!statements.Any(statement => statement.Text.StartsWith(".version", StringComparison.Ordinal)))
        {
            throw new EmulatorFault(FaultKind.BadPtx, "the text has no .version directive");
        }

        for (int i = 0; i < statements.Count; i++)
        {
            PtxStatement statement = statements[i];
            string[] words = statement.Text.Split(' ');
            if (words.Contains(".entry"))
            {
                int end = EndOfBody(statements, i + 1);
                KernelCode kernel = new KernelReader(statement, _variables).Read(statements[(i + 2)..end]);
                _kernels.Add(kernel.Name, kernel);
                i = end;
            }
            else if (words.Contains(".func") && i + 1 < statements.Count && statements[i + 1].Kind == StatementKind.Open)
            {
                throw new EmulatorFault(FaultKind.BadPtx, $"line {statement.Line}: device functions are not supported: {statement.Text}");
            }
            else if (VariableDeclaration.TryParse(statement.Text, out VariableDeclaration declaration))
            {
                Declare(declaration, place);
            }
        }
    }

    /// <summary>Kernels by name.</summary>
    public IReadOnlyDictionary<string, KernelCode> Kernels => _kernels;

    /// <summary>Variables in device memory by name.</summary>
    public IEnumerable<PtxVariable> Globals => _variables.Values.Where(variable => variable.Space == Space.Global);

    private static int EndOfBody(List<PtxStatement> statements, int open)
    {
        int depth = 0;
        for (int i = open; i < statements.Count; i++)
        {
            depth += statements[i].Kind switch { StatementKind.Open => 1, StatementKind.Close => -1, _ => 0 };
            if (depth == 0)
            {
                return i;
            }
        }

        throw new EmulatorFault(FaultKind.BadPtx, "a kernel's body does not end");
    }

    private void Declare(VariableDeclaration declaration, Func<long, byte[], long> place)
    {
        if (declaration.Space == Space.Shared)
        {
            _variables[declaration.Name] = new PtxVariable(declaration.Name, Space.Shared, -1, declaration.Bytes, []);
        }
        else
        {
            byte[] initial = declaration.InitialBytes();
            _variables[declaration.Name] = new PtxVariable(declaration.Name, Space.Global, place(declaration.Bytes, initial), declaration.Bytes, initial);
        }
    }
}

/// <summary>".shared .align 4 .b8 name[1024]" and its like.</summary>
internal readonly record struct VariableDeclaration(string Name, Space Space, int Alignment, PtxType Type, long Bytes, string Initial)
{
    /// <summary>Reads a declaration of shared, local, global or constant memory.</summary>
    public static bool TryParse(string text, out VariableDeclaration declaration)
    {
        declaration = default;
        string[] sides = text.Split('=', 2);
        string[] words = sides[0].Replace("[", " [").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Space? space = words.Contains(".shared") ? Space.Shared
            : words.Contains(".local") ? Space.Local
            : words.Contains(".global") || words.Contains(".const") ? Space.Global
            : null;
        int align = Array.IndexOf(words, ".align");
        int typeAt = Array.FindIndex(words, word => word.StartsWith('.') && PtxType.TryParse(word[1..], out _));
        if (space is null || !text.StartsWith('.') || typeAt < 0 || typeAt + 1 >= words.Length)
        {
            return false;
        }

        PtxType.TryParse(words[typeAt][1..], out PtxType type);
        string extent = words.Length > typeAt + 2 ? words[typeAt + 2].Trim('[', ']') : "1";
        long count = extent.Length == 0 ? 0 : long.Parse(extent, CultureInfo.InvariantCulture);
        int alignment = align < 0 ? type.Bytes : int.Parse(words[align + 1], CultureInfo.InvariantCulture);
        declaration = new VariableDeclaration(words[typeAt + 1], space.Value, alignment, type, count * type.Bytes, sides.Length > 1 ? sides[1] : "");
        return true;
    }

    /// <summary>The initialiser's bytes; missing ones are zero.</summary>
    public byte[] InitialBytes()
    {
        string[] values = Initial.Split([' ', ',', '{', '}', ';'], StringSplitOptions.RemoveEmptyEntries);
        byte[] bytes = new byte[values.Length * Type.Bytes];
        for (int i = 0; i < values.Length; i++)
        {
            BitConverter.GetBytes(Operands.Literal(values[i])).AsSpan(0, Type.Bytes).CopyTo(bytes.AsSpan(i * Type.Bytes));
        }

        return bytes;
    }
}
