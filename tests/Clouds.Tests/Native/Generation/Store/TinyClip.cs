using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Clip;
using Clouds.Models.Encoders;
using Clouds.Native.Tokenizers;
using Clouds.Tests.Graph;
using Clouds.Tests.Training.Contrastive;

namespace Clouds.Tests.Native.Generation.Store;

/// <summary>A CLIP of some thousand weights with a vocabulary of its own, in a folder as `clouds train clip` writes it.</summary>
internal static class TinyClip
{
    public const int Side = 32;

    private const int Embedding = 8;

    private static readonly ConvNeXtConfig Encoder = new() { Depths = [1, 1, 1, 1], Widths = [8, 8, 8, 16], Embedding = Embedding, LayerScale = 1 };

    private static readonly ClipTextConfig Tower = new() { Width = 16, Heads = 2, Layers = 1, Context = 77, Vocabulary = 522 };

    /// <summary>Writes one.</summary>
    /// <returns>Its weights.</returns>
    public static string Write(string folder, ulong seed = 3, string? leaveOut = null)
    {
        Directory.CreateDirectory(Path.Combine(folder, "tokenizer"));
        string words = Path.Combine(folder, "words.txt"), path = Path.Combine(folder, "model.safetensors");
        Assert.Equal(Tower.Vocabulary, ColouredPictures.WriteVocabulary(words));
        ClipTokenizer.Load(words).Save(Path.Combine(folder, "tokenizer"));
        File.Delete(words);
        File.WriteAllText(Path.Combine(folder, "open_clip_config.json"), """{"model_cfg":{"vision_cfg":{"image_size":32},"text_cfg":{"heads":2}}}""");
        Parameter[] parameters = [.. Whole().Parameters.Where(parameter => parameter.Name != leaveOut)];
        using SafetensorsWriter writer = new(path, [.. parameters.Select(p => new TensorDeclaration(p.Name, WeightType.F32, p.Shape.Sizes))]);
        foreach (Parameter parameter in parameters)
        {
            writer.Write(parameter.Name, parameter.Initialize(seed));
        }

        writer.Commit();
        return path;
    }

    /// <summary>What both towers say, one image and one text at a time: embeddings as they are, not normalised.</summary>
    /// <param name="path">The weights.</param>
    /// <param name="planes">The normalised image.</param>
    /// <param name="tokens">The text.</param>
    public static (float[] Image, float[] Text) Run(string path, float[] planes, long[] tokens)
    {
        GraphBuilder g = Whole();
        using WeightSource source = WeightSource.Open(path);
        (string, TestTensor)[] weights = [.. g.Parameters.Select(p => (p.Name, TestTensor.Of(source.ReadFloats(p.Name), p.Shape.Sizes)))];
        Dictionary<string, TestTensor> answers = GraphRun.Once(
            g, [("image", TestTensor.Of(planes, 1, 3, Side, Side)), ("tokens", TestTensor.OfIntegers(tokens, 1, tokens.Length)), .. weights]);
        return (answers["seen"].Floats, answers["read"].Floats);
    }

    private static GraphBuilder Whole()
    {
        GraphBuilder g = new("clip");
        Value c5 = new ConvNeXt(Encoder).Build(g, g.Input("image", ElementType.Float, [1, 3, Side, Side])).C5;
        g.Output("seen", ConvNeXt.Embed(g, g.GlobalAveragePool(c5), Embedding));
        g.Output("read", new ClipText(Tower, Embedding).Build(g, g.Input("tokens", ElementType.Int64, [1, Tower.Context])));
        return g;
    }
}
