using Clouds.Graph.Building;
using Clouds.Graph.Weights;

namespace Clouds.Native.Generation.Weights;

/// <summary>
/// Weights out of a graph that torch.onnx.export traced. Convolutions, biases and layer normalisations keep the names of the checkpoint; matrices of
/// linear layers over rows are turned over and numbered, and so are scales and shifts of group normalisations, which get two axes more. Nodes stand in the
/// order in which the network was run, which is ours: the numbered ones are told by their places, and every one of them has to fit its place.
/// </summary>
internal static class TracedGraph
{
    private const string Matrix = "MatMul";

    private static readonly string[] Elementwise = ["Mul", "Add"];

    /// <summary>The tensors of a network under our names.</summary>
    /// <param name="source">The opened graph, which stays the caller's.</param>
    /// <param name="parameters">The network's, in the order of its building.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">
    /// Weights: a tensor does not fit its place, or some are left over, as in a graph that was optimised.
    /// </exception>
    public static IEnumerable<TensorEntry> Read(WeightSource source, IReadOnlyCollection<Parameter> parameters)
    {
        NameMap early = NameMap.Of("diffusers");
        Dictionary<string, TensorEntry> named = [];
        foreach (TensorEntry tensor in source.Tensors.Values)
        {
            named.TryAdd(early.Translate(tensor.Name), tensor);
        }

        Parameter[] open = [.. parameters.Where(parameter => !named.ContainsKey(parameter.Name))];
        HashSet<string> wanted = [.. parameters.Select(parameter => parameter.Name)];
        InitializerUse[] numbered = [.. InitializerUse.Of(source).Where(use => !wanted.Contains(early.Translate(use.Tensor.Name)) && CanBe(use))];
        if (numbered.Length != open.Length)
        {
            string first = numbered.FirstOrDefault()?.Tensor.Name ?? "none";
            throw NotStableDiffusion.Of(source.Path, $"{numbered.Length} tensors without names of the checkpoint, '{first}' first",
                $"{open.Length}: a graph as it was exported, without optimisation");
        }

        return parameters.Where(parameter => named.ContainsKey(parameter.Name)).Select(parameter => named[parameter.Name] with { Name = parameter.Name })
            .Concat(open.Zip(numbered, (parameter, use) => Place(source, parameter, use)));
    }

    // Other numbers of a graph, such as powers and scales of attention, have one element.
    private static bool CanBe(InitializerUse use) => use.Tensor.Type.IsFloat() && use.Tensor.Elements > 1
        && (use.Op == Matrix ? use.Tensor.Shape.Count == 2 : Elementwise.Contains(use.Op));

    private static TensorEntry Place(WeightSource source, Parameter parameter, InitializerUse use)
    {
        TensorEntry tensor = use.Tensor with { Name = parameter.Name };
        IReadOnlyList<long> shape = parameter.Shape.Sizes;
        return use.Op == Matrix && shape is [long outputs, long inputs] && tensor.Shape.SequenceEqual([inputs, outputs])
            ? tensor with { Shape = [outputs, inputs], Strides = [1, outputs] }
            : use.Op != Matrix && tensor.Shape.Where(extent => extent != 1).SequenceEqual(shape) ? tensor with { Shape = [.. shape] }
            : throw NotStableDiffusion.Of(source.Path, $"'{use.Tensor.Name}' {use.Tensor} of a {use.Op}", $"{parameter.Name} {parameter.Shape} in this place");
    }
}
