using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;

namespace Clouds.Tests.Cuda;

/// <summary>Weight files of the paper's size, all zero: where only bytes are counted, numbers do not matter.</summary>
internal static class ZeroWeights
{
    /// <summary>The frozen encoder of the paper's network.</summary>
    public static string Encoder(TemporaryFolder folder)
        => Write(Path.Combine(folder.Path, "encoder.safetensors"), (network, g) => network.Encode(g, Image(g)));

    /// <summary>A model of the paper's network.</summary>
    public static string Model(TemporaryFolder folder)
    {
        ModelDescription description = new()
        {
            Network = MaskFormerConfig.Paper,
            ClassNames = [.. Enumerable.Range(0, 19).Select(i => $"class {i}")],
            ClassColours = [.. Enumerable.Range(0, 19).Select(i => new ClassColour((byte)i, 0, 0))],
        };
        return Write(Path.Combine(folder.Path, "model.safetensors"), (network, g) => network.Decode(g, network.Encode(g, Image(g))),
            new Dictionary<string, string>([FormatVersion.Entry(ModelDescription.Format)]) { [ModelDescription.MetadataKey] = description.ToJson() });
    }

    private static Value Image(GraphBuilder g) => g.Input("image", ElementType.Float, [1, 3, 64, 64]);

    private static string Write(string path, Action<MaskFormer, GraphBuilder> build, Dictionary<string, string>? metadata = null)
    {
        GraphBuilder g = new("network");
        build(new MaskFormer(MaskFormerConfig.Paper, 19), g);
        using SafetensorsWriter writer = new(path, [.. g.Parameters.Select(p => new TensorDeclaration(p.Name, WeightType.F32, p.Shape.Sizes))], metadata);
        foreach (Parameter parameter in g.Parameters)
        {
            writer.Write<float>(parameter.Name, new float[parameter.Shape.ElementCount]);
        }

        writer.Commit();
        return path;
    }
}
