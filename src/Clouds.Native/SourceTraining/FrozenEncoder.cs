using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Native.Networks;

namespace Clouds.Native.SourceTraining;

/// <summary>Weights of an encoder that is not trained, one tensor at a time, for the finished model's file.</summary>
internal sealed class FrozenEncoder : IDisposable
{
    private readonly SafetensorsFile? _file;

    private FrozenEncoder(SafetensorsFile? file, IEnumerable<Parameter> parameters, ulong seed)
    {
        _file = file;
        Tensors = [.. parameters.Select(p => (p.Name, p.Shape.Sizes, (Func<float[]>)(() => file?.ReadFloats(p.Name) ?? p.Initialize(seed))))];
    }

    public IReadOnlyList<(string Name, long[] Shape, Func<float[]> Elements)> Tensors { get; }

    public static FrozenEncoder Open(SourceTrainingConfig config)
    {
        GraphBuilder g = new("encoder");
        new MaskClassifier(config.Network, classes: 1).Encode(g, g.Input("image", ElementType.Float, [1, 3, 32, 32]));
        SafetensorsFile? file = config.Encoder.Weights.Length > 0 ? SafetensorsFile.Open(config.Encoder.Weights) : null;
        return new FrozenEncoder(file, g.Parameters, (ulong)config.Seed);
    }

    public void Dispose() => _file?.Dispose();
}
