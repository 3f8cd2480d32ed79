using System.Globalization;
using System.Text.RegularExpressions;

namespace Clouds.Emulator.Ptx;

/// <summary>Decodes one entry: parameters, variables, registers, labels, then its instructions.</summary>
internal sealed partial class KernelReader(PtxStatement header, IReadOnlyDictionary<string, PtxVariable> moduleVariables)
{
    private readonly Dictionary<string, PtxVariable> _variables = new(moduleVariables);
    private readonly Dictionary<string, KernelParameter> _parameters = [];
    private readonly RegisterFile _registers = new();
    private int _parameterBytes;
    private int _shared;
    private int _local;

    /// <summary>The kernel.</summary>
    /// <param name="body">Statements between its outer braces.</param>
    public KernelCode Read(IReadOnlyList<PtxStatement> body)
    {
        ReadParameters();
        Dictionary<string, int> labels = PlaceVariablesAndLabels(body);
        InstructionDecoder decoder = new(_registers, _variables, _parameters, labels);
        List<Instruction> code = [];
        foreach (PtxStatement statement in body)
        {
            if (statement.Kind == StatementKind.Open)
            {
                _registers.Open();
            }
            else if (statement.Kind == StatementKind.Close)
            {
                _registers.Close();
            }
            else if (statement.Text.StartsWith(".reg", StringComparison.Ordinal))
            {
                _registers.Declare(statement.Text);
            }
            else if (IsInstruction(statement))
            {
                code.Add(decoder.Decode(statement, code.Count));
            }
        }

        return new KernelCode
        {
            Name = Entry().Match(header.Text).Groups[1].Value,
            Code = [.. code],
            Parameters = [.. _parameters.Values],
            ParameterBytes = _parameterBytes,
            RegisterBytes = _registers.Bytes,
            RegisterImage = _registers.Image(),
            Specials = _registers.Specials,
            StaticShared = _shared,
            LocalBytes = _local,
            MaxThreads = MaxThreads(),
        };
    }

    private static bool IsInstruction(PtxStatement statement) => statement.Kind == StatementKind.Line && !statement.Text.StartsWith('.');

    private static int Align(int offset, int alignment) => (offset + alignment - 1) / alignment * alignment;

    private void ReadParameters()
    {
        foreach (Match match in Parameter().Matches(header.Text))
        {
            PtxType.TryParse(match.Groups["type"].Value, out PtxType type);
            int count = match.Groups["count"].Success ? int.Parse(match.Groups["count"].ValueSpan, CultureInfo.InvariantCulture) : 1;
            int alignment = match.Groups["align"].Success ? int.Parse(match.Groups["align"].ValueSpan, CultureInfo.InvariantCulture) : type.Bytes;
            int offset = Align(_parameterBytes, alignment);
            string name = match.Groups["name"].Value;
            _parameters[name] = new KernelParameter(name, offset, count * type.Bytes);
            _parameterBytes = offset + (count * type.Bytes);
        }
    }

    private Dictionary<string, int> PlaceVariablesAndLabels(IReadOnlyList<PtxStatement> body)
    {
        Dictionary<string, int> labels = [];
        int pc = 0;
        foreach (PtxStatement statement in body)
        {
            if (statement.Kind == StatementKind.Label)
            {
                labels[statement.Text] = pc;
            }
            else if (IsInstruction(statement))
            {
                pc++;
            }
            else if (VariableDeclaration.TryParse(statement.Text, out VariableDeclaration declaration))
            {
                Place(declaration);
            }
        }

        // Module-level shared arrays follow the kernel's own; extern ones without a size begin where all others end.
        foreach (PtxVariable variable in moduleVariables.Values.Where(variable => variable.Space == Space.Shared).OrderBy(variable => variable.Bytes == 0))
        {
            Place(new VariableDeclaration(variable.Name, Space.Shared, 16, default, variable.Bytes, ""));
        }

        return labels;
    }

    private void Place(VariableDeclaration declaration)
    {
        if (declaration.Space == Space.Shared)
        {
            int address = Align(_shared, declaration.Alignment);
            _variables[declaration.Name] = new PtxVariable(declaration.Name, Space.Shared, address, declaration.Bytes, []);
            _shared = address + (int)declaration.Bytes;
        }
        else if (declaration.Space == Space.Local)
        {
            int address = Align(_local, declaration.Alignment);
            _variables[declaration.Name] = new PtxVariable(declaration.Name, Space.Local, address, declaration.Bytes, []);
            _local = address + (int)declaration.Bytes;
        }
    }

    private int MaxThreads()
    {
        Match match = MaximumThreads().Match(header.Text);
        return match.Success
            ? match.Groups[1].Value.Split(',').Aggregate(1, (product, extent) => product * int.Parse(extent, CultureInfo.InvariantCulture))
            : 1024;
    }

    [GeneratedRegex(@"\.entry\s+([\w$]+)")]
    private static partial Regex Entry();

    [GeneratedRegex(@"\.param\s+(?:\.align\s+(?<align>\d+)\s+)?\.(?<type>[a-z]\d+)\s+(?:\.ptr\S*\s+)?(?<name>[\w$]+)(?:\[(?<count>\d+)\])?")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\.maxntid\s+([\d, ]+)")]
    private static partial Regex MaximumThreads();
}
