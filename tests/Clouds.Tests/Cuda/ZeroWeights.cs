using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;

namespace Clouds.Tests.Cuda;

/// <summary>Weight files of the paper's size, all zero: where only bytes are counted, numbers do not matter.</summary>
internal static class ZeroWeights
{
    /// <summary>The frozen encoder of the paper's network.</summary>
    public static string Encoder(TemporaryFolder folder)
        => Write(Path.Combine(folder.Path, "encoder.safetensors"), MaskFormerConfig.Paper, (network, g) => network.Encode(g, Image(g)));

    /// <summary>A model of the paper's network, or of another one.</summary>
    public static string Model(TemporaryFolder folder, MaskFormerConfig? network = null)
    {
        ModelDescription description = new()
        {
            Network = network ?? MaskFormerConfig.Paper,
            ClassSynonyms = network is null ? [] : [.. Enumerable.Range(0, 19).Select(i => (IReadOnlyList<string>)[$"class {i}", $"name {i}"])],
            ClassNames = [.. Enumerable.Range(0, 19).Select(i => $"class {i}")],
            ClassColours = [.. Enumerable.Range(0, 19).Select(i => new ClassColour((byte)i, 0, 0))],
        };
        return Write(Path.Combine(folder.Path, "model.safetensors"), description.Network, (network, g) => network.Answer(g, Image(g)),
            new Dictionary<string, string>([FormatVersion.Entry(ModelDescription.Format)]) { [ModelDescription.MetadataKey] = description.ToJson() });
    }

    private static Value Image(GraphBuilder g) => g.Input("image", ElementType.Float, [1, 3, 64, 64]);

    private static string Write(string path, MaskFormerConfig config, Action<MaskFormer, GraphBuilder> build, Dictionary<string, string>? metadata = null)
    {
        GraphBuilder g = new("network");
        TextBank? names = config.Classifier == ClassifierKind.Text ? TextBank.InFile([.. Enumerable.Repeat(2, 19)], config.Encoder.Create()) : null;
        build(new MaskFormer(config, 19, text: names), g);
        using SafetensorsWriter writer = new(path, [.. g.Parameters.Select(p => new TensorDeclaration(p.Name, WeightType.F32, p.Shape.Sizes))], metadata);
        foreach (Parameter parameter in g.Parameters)
        {
            writer.Write<float>(parameter.Name, new float[parameter.Shape.ElementCount]);
        }

        writer.Commit();
        return path;
    }
}
