using Clouds.Graph.Building;
using Clouds.Graph.Onnx;

namespace Clouds.Graph.Weights;

/// <summary>
/// Elements of parameters that do not change while a graph runs. They become constants of the model, which lets the runtime lay them out
/// for its kernels; single-precision ones stay in their file and are mapped from there.
/// </summary>
/// <param name="Elements">A <see cref="Literal"/> or an <see cref="ExternalData"/> by parameter name.</param>
/// <param name="Folder">Folder of the external data; null where there is none.</param>
public sealed record FrozenWeights(IReadOnlyDictionary<string, object> Elements, string? Folder)
{
    /// <summary>The parameters of a network from a weight file, which has to stay in place while sessions use it.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Weights: the file does not fit.</exception>
    public static FrozenWeights FromFile(string path, IReadOnlyCollection<Parameter> parameters)
    {
        using WeightSource file = WeightSource.Open(path);
        WeightMatch.Require(file, parameters);
        Dictionary<string, object> elements = parameters.ToDictionary(p => p.Name, p => InFile(file, p));
        return new FrozenWeights(elements, Path.GetDirectoryName(Path.GetFullPath(path)));
    }

    private static object InFile(WeightSource file, Parameter parameter)
    {
        TensorEntry entry = file.Entry(parameter.Name);
        return entry.Type == WeightType.F32
            ? new ExternalData(entry.File.Name, entry.Offset, entry.Bytes)
            : Literal.Of(file.ReadFloats(parameter.Name), parameter.Shape.Sizes);
    }
}
