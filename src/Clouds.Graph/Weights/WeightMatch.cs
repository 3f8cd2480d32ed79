using Clouds.Diagnostics;
using Clouds.Graph.Building;

namespace Clouds.Graph.Weights;

/// <summary>In which way one tensor does not fit.</summary>
public enum WeightFault
{
    /// <summary>The network wants it and the source has it not.</summary>
    Missing,

    /// <summary>It has another shape.</summary>
    MisShaped,

    /// <summary>It has an element type that cannot be taken for the parameter's.</summary>
    MisTyped,

    /// <summary>The source has it and the network does not want it.</summary>
    Unexpected,
}

/// <summary>
/// Whether weights fit a network: all missing, mis-shaped, mis-typed and unexpected tensors together, never one at a time. Floating-point types
/// are taken for each other, all others for themselves only.
/// </summary>
public sealed class WeightMatch
{
    private const int Shown = 12;

    private readonly WeightSource _source;
    private readonly Dictionary<string, Parameter> _wanted;

    private WeightMatch(WeightSource source, IReadOnlyCollection<Parameter> parameters, string? scope)
    {
        _source = source;
        _wanted = parameters.ToDictionary(parameter => parameter.Name, StringComparer.Ordinal);
        List<(WeightFault, string)> faults = [];
        foreach (Parameter parameter in parameters)
        {
            if (FaultOf(parameter) is WeightFault fault)
            {
                faults.Add((fault, parameter.Name));
            }
        }

        if (scope is not null)
        {
            faults.AddRange(Unclaimed.Where(name => name.StartsWith(scope, StringComparison.Ordinal)).Order(StringComparer.Ordinal)
                .Select(name => (WeightFault.Unexpected, name)));
        }

        Faults = faults;
    }

    /// <summary>What does not fit, in the order of the parameters, and then what is unexpected.</summary>
    public IReadOnlyList<(WeightFault Fault, string Name)> Faults { get; }

    private string Reading => (_source.Dialect is string dialect ? $", read under the names of {dialect}" : "")
        + (_source.Below.Length > 0 ? $", below '{_source.Below}'" : "");

    private IEnumerable<string> Unclaimed => _source.Tensors.Keys.Where(name => !_wanted.ContainsKey(name));

    /// <summary>Holds a source against a network.</summary>
    /// <param name="source">The weights.</param>
    /// <param name="parameters">What the network wants.</param>
    /// <param name="scope">Tensors of the source whose names start so are expected to be parameters; null: any tensor may be there besides.</param>
    public static WeightMatch Of(WeightSource source, IReadOnlyCollection<Parameter> parameters, string? scope = null) => new(source, parameters, scope);

    /// <summary>Refuses a source that does not fit.</summary>
    /// <exception cref="CloudsException">Weights, listing everything that does not fit, each with the nearest name.</exception>
    public static void Require(WeightSource source, IReadOnlyCollection<Parameter> parameters, string? scope = null) =>
        Of(source, parameters, scope).Require();

    /// <summary>Throws where something does not fit.</summary>
    /// <exception cref="CloudsException">Weights, listing everything that does not fit, each with the nearest name.</exception>
    public void Require()
    {
        if (Faults.Count > 0)
        {
            WeightFault[] kinds = Enum.GetValues<WeightFault>();
            string counts = string.Join(", ", kinds.Select(kind => $"{Faults.Count(fault => fault.Fault == kind)} {Word(kind)}"));
            throw new CloudsException(
                Failure.Weights,
                "the weight file does not fit the network",
                _source.Path,
                $"{counts} tensors{Reading}{string.Concat(kinds.Select(List))}",
                $"{_wanted.Count} parameters",
                "choose the weight file of this network, or set the network's sizes to those of the file");
        }
    }

    private WeightFault? FaultOf(Parameter parameter) =>
        !parameter.IsRead ? null
        : !_source.Tensors.TryGetValue(parameter.Name, out TensorEntry? tensor) ? WeightFault.Missing
        : !SameShape(tensor, parameter) ? WeightFault.MisShaped
        : tensor.Type.InGraph() != parameter.Type && !(tensor.Type.IsFloat() && parameter.Type.IsFloat()) ? WeightFault.MisTyped
        : null;

    private static bool SameShape(TensorEntry tensor, Parameter parameter) => tensor.Shape.SequenceEqual(parameter.Shape.Sizes);

    // Finding the nearest name compares it with all others, so it is done for the lines that are shown.
    private string List(WeightFault kind)
    {
        string[] names = [.. Faults.Where(fault => fault.Fault == kind).Select(fault => fault.Name)];
        string rest = names.Length > Shown ? $"{Environment.NewLine}    and {names.Length - Shown} more" : "";
        return string.Concat(names.Take(Shown).Select(name => $"{Environment.NewLine}    {Word(kind),-11} {Line(kind, name)}")) + rest;
    }

    private string Line(WeightFault kind, string name)
    {
        string what = kind switch
        {
            WeightFault.Missing => $"{name} {_wanted[name].Shape}",
            WeightFault.Unexpected => $"{name} {_source.Tensors[name]}",
            WeightFault.MisShaped => $"{name} has {_source.Tensors[name]}, wants {_wanted[name].Shape}",
            _ => $"{name} has {_source.Tensors[name]}, wants {_wanted[name].Type}",
        };
        return Nearest(kind, name) is string near ? $"{what}; near: {near}" : what;
    }

    // What the user may have meant: a tensor that nobody claims, or a parameter that has none.
    private string? Nearest(WeightFault kind, string name) => NearestName.Find(name, kind switch
    {
        WeightFault.Missing => Unclaimed,
        WeightFault.Unexpected => Faults.Where(fault => fault.Fault == WeightFault.Missing).Select(fault => fault.Name),
        WeightFault.MisShaped => Unclaimed.Where(other => SameShape(_source.Tensors[other], _wanted[name])),
        _ => Unclaimed.Where(other => _source.Tensors[other].Type.InGraph() == _wanted[name].Type),
    });

    private static string Word(WeightFault kind) => kind switch
    {
        WeightFault.Missing => "missing",
        WeightFault.MisShaped => "mis-shaped",
        WeightFault.MisTyped => "mis-typed",
        _ => "unexpected",
    };
}
