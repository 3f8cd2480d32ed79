using Clouds.Diagnostics;
using Clouds.Graph.Building;

namespace Clouds.Graph.Weights;

/// <summary>Whether a weight file fits a network: all missing, unexpected and mis-shaped tensors together, never one at a time.</summary>
public static class WeightMatch
{
    private const int Shown = 12;

    /// <summary>Refuses a file that lacks a parameter or has one in another shape.</summary>
    /// <param name="file">The weight file.</param>
    /// <param name="parameters">What the network wants.</param>
    /// <param name="scope">Tensors of the file whose names start so are expected to be parameters; null: any tensor may be there besides.</param>
    /// <exception cref="CloudsException">Weights, listing everything that does not fit.</exception>
    public static void Require(WeightSource file, IReadOnlyCollection<Parameter> parameters, string? scope = null)
    {
        string[] missing = [.. parameters.Where(p => !file.Tensors.ContainsKey(p.Name)).Select(p => $"missing     {p.Name} {p.Shape}")];
        string[] shaped = [.. parameters.Where(p => Differs(file, p)).Select(p => $"mis-shaped  {p.Name} has {file.Tensors[p.Name]}, wants {p.Shape}")];
        HashSet<string> wanted = [.. parameters.Select(p => p.Name)];
        string[] unexpected = scope is null
            ? []
            : [.. file.Tensors.Keys.Where(name => name.StartsWith(scope, StringComparison.Ordinal) && !wanted.Contains(name))
                .Order().Select(name => $"unexpected  {name} {file.Tensors[name]}")];
        if (missing.Length + shaped.Length + unexpected.Length > 0)
        {
            throw new CloudsException(
                Failure.Weights,
                "the weight file does not fit the network",
                file.Path,
                $"{missing.Length} missing, {shaped.Length} mis-shaped, {unexpected.Length} unexpected tensors{List(missing)}{List(shaped)}{List(unexpected)}",
                $"{parameters.Count} parameters",
                "choose the weight file of this network, or set the network's sizes to those of the file");
        }
    }

    private static bool Differs(WeightSource file, Parameter parameter) =>
        file.Tensors.TryGetValue(parameter.Name, out TensorEntry? entry) && !entry.Shape.SequenceEqual(parameter.Shape.Sizes);

    private static string List(string[] lines)
    {
        string rest = lines.Length > Shown ? $"{Environment.NewLine}    and {lines.Length - Shown} more" : "";
        return string.Concat(lines.Take(Shown).Select(line => $"{Environment.NewLine}    {line}")) + rest;
    }
}
