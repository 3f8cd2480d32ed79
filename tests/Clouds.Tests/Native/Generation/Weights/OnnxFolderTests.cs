using System.Runtime.InteropServices;
using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Weights;
using Clouds.Models.Diffusion;
using Clouds.Native.Generation.Weights;
using Google.Protobuf;

namespace Clouds.Tests.Native.Generation.Weights;

/// <summary>Checkpoints as diffusers exports them to ONNX, with names as torch.onnx.export gives them.</summary>
[Kind(TestKind.Fast)]
public sealed class OnnxFolderTests : IDisposable
{
    private const ulong Seed = 3;

    private readonly TemporaryFolder _folder = new();

    private static readonly TinyDiffusion Tiny = new()
    {
        Config = new TinyDiffusion().Config with
        {
            TextEncoder = new TextEncoderConfig { Width = 64, Heads = 1, Layers = 2, Vocabulary = TinyDiffusion.Tokens },
            UNet = new UNetConfig { Widths = [32, 64], Heads = [8, 8], TextResolutions = 1, Blocks = 1, TextWidth = 64 },
            Autoencoder = new AutoencoderConfig { Widths = [32, 32], Blocks = 1 },
        },
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_OfExportedGraphs_FindsEveryTensorByNameOrPlace()
    {
        Save();
        DiffusionWeights weights = DiffusionWeights.Open(_folder.Path);
        Assert.Equal("diffusers ONNX folder", weights.Layout);
        Assert.Equal(Tiny.Config.UNet.Widths, weights.Config.UNet.Widths);
        foreach (DiffusionPart part in Enum.GetValues<DiffusionPart>())
        {
            using FrozenWeights frozen = weights.Freeze(part);
            Dictionary<string, TensorEntry> tensors = frozen.Tensors.ToDictionary(tensor => tensor.Name);
            Assert.All(Tiny.Config.ParametersOf(part), parameter => Assert.Equal(
                parameter.Initialize(Seed), MemoryMarshal.Cast<byte, float>(tensors[parameter.Name].Slice(0, (int)parameter.Shape.ElementCount)).ToArray()));
        }
    }

    [Fact]
    public void Open_OfAGraphThatWasOptimised_SaysSo()
    {
        Save();
        Export("unet", Tiny.Config.ParametersOf(DiffusionPart.UNet).Where(parameter => !parameter.Name.EndsWith("to_k.weight")));
        CloudsException refused = Assert.Throws<CloudsException>(() => DiffusionWeights.Open(_folder.Path));
        Assert.Equal(Failure.Weights, refused.Failure);
        Assert.Contains("without optimisation", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OfAGraphInAnotherOrder_NamesThePlaceThatDoesNotFit()
    {
        Save();
        Export("unet", Tiny.Config.ParametersOf(DiffusionPart.UNet).Reverse());
        Assert.Contains("in this place", Assert.Throws<CloudsException>(() => DiffusionWeights.Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    private void Save()
    {
        Tiny.Save(_folder);
        foreach (string part in (string[])["text_encoder", "unet", "vae"])
        {
            Directory.Delete(_folder[part], recursive: true);
        }

        File.WriteAllText(_folder["model_index.json"], """{"_class_name": "OnnxStableDiffusionPipeline"}""");
        ILookup<bool, Parameter> vae = Tiny.Config.ParametersOf(DiffusionPart.Autoencoder)
            .ToLookup(parameter => parameter.Name.StartsWith("encoder.") || parameter.Name.StartsWith("quant_conv."));
        Export("text_encoder", Tiny.Config.ParametersOf(DiffusionPart.TextEncoder));
        Export("unet", Tiny.Config.ParametersOf(DiffusionPart.UNet));
        Export("vae_encoder", vae[true]);
        Export("vae_decoder", vae[false]);
    }

    private void Export(string part, IEnumerable<Parameter> parameters)
    {
        ModelProto model = new() { IrVersion = 7, Graph = new GraphProto() };
        foreach (Parameter parameter in parameters)
        {
            Export(model.Graph, parameter);
        }

        File.WriteAllBytes(_folder[$"{part}/model.onnx"], model.ToByteArray());
    }

    // Linear layers over rows become a product with a numbered matrix that is turned over; scale and shift of group normalisations get two axes.
    private static void Export(GraphProto graph, Parameter parameter)
    {
        float[] values = parameter.Initialize(Seed);
        long[] shape = [.. parameter.Shape.Sizes];
        bool isGroup = shape.Length == 1 && IsGroupNorm(parameter.Name);
        bool isRows = shape.Length == 2 && !parameter.Name.Contains("time_emb") && !parameter.Name.Contains("embedding.");
        string op = isRows ? "MatMul" : isGroup ? (parameter.Name.EndsWith("weight") ? "Mul" : "Add") : "Conv";
        TensorProto tensor = new() { DataType = 1, Name = isRows || isGroup ? $"onnx::{op}_{graph.Node.Count + 1000}" : parameter.Name };
        tensor.Dims.AddRange(isRows ? [shape[1], shape[0]] : isGroup ? [shape[0], 1, 1] : shape);
        float[] stored = isRows ? [.. Enumerable.Range(0, values.Length).Select(i => values[((i % shape[0]) * shape[1]) + (i / shape[0])])] : values;
        tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(stored));
        graph.Initializer.Add(tensor);
        NodeProto node = new() { OpType = op };
        node.Input.AddRange(["x", tensor.Name]);
        graph.Node.Add(node);
    }

    private static bool IsGroupNorm(string name) => name.Contains("group_norm") || name.Contains("conv_norm_out")
        || (name.Contains("norm") && name.Contains("resnets")) || name.Contains("attentions.0.norm.");
}
