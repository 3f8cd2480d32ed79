using System.IO.Enumeration;
using System.Security.Cryptography;
using System.Text;
using Clouds.Graph.Json;

namespace Clouds.Native.Catalogue;

/// <summary>The tensors of a published model under their published names.</summary>
internal sealed class TensorList
{
    /// <summary>Most tensors of a model.</summary>
    public const int MostTensors = 100_000;

    private readonly IReadOnlyList<string> _ignored;

    private TensorList(IReadOnlyList<ListedTensor> tensors, IReadOnlyList<string> ignored) => (Tensors, _ignored) = (tensors, ignored);

    /// <summary>In the order of the manifest; names differ.</summary>
    public IReadOnlyList<ListedTensor> Tensors { get; }

    /// <summary>How many every file of the model has.</summary>
    public int Required => Tensors.Count(tensor => !tensor.Optional);

    /// <summary>
    /// SHA-256 of one line for each tensor, in the order of the names' bytes: name, shape and type with tabs between them and a line feed behind.
    /// </summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(
        Tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal).Select(tensor => $"{tensor.Name}\t{tensor.Extents}\t{tensor.Type}\n")))));

    /// <summary>Reads a list.</summary>
    /// <param name="lines">Lines as <see cref="TensorPattern"/> reads them.</param>
    /// <param name="optional">Names that files may lack; a star stands for any text.</param>
    /// <param name="ignored">Names, in the list or not, that imported models do not take; likewise.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">A line is none, a name stands twice, or there are too many.</exception>
    public static TensorList Read(StrictJson lines, IReadOnlyList<string> optional, IReadOnlyList<string> ignored)
    {
        Dictionary<string, ListedTensor> tensors = new(StringComparer.Ordinal);
        foreach (StrictJson line in lines.Items())
        {
            foreach ((string name, IReadOnlyList<long> shape, Graph.Weights.WeightType type) in TensorPattern.Read(line))
            {
                ListedTensor tensor = new(name, type, shape, Any(optional, name) || Any(ignored, name), Any(ignored, name));
                _ = tensors.TryAdd(name, tensor) ? true : throw line.Wrong($"each tensor once; '{name}' stands in an earlier line too");
            }

            _ = tensors.Count <= MostTensors ? true : throw line.Wrong($"at most {MostTensors} tensors");
        }

        return tensors.Values.Any(tensor => !tensor.Optional)
            ? new TensorList([.. tensors.Values], ignored)
            : throw lines.Wrong("at least one tensor that every file has");
    }

    /// <summary>Whether an imported model does without a tensor of this published name.</summary>
    public bool Ignores(string name) => Any(_ignored, name);

    private static bool Any(IReadOnlyList<string> patterns, string name) =>
        patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));
}
