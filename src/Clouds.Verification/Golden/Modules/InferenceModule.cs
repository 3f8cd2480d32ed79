using Clouds.Graph.Building;
using Clouds.Models.Encoders;
using Clouds.Models.MaskClassifier;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Golden.Modules;

/// <summary>Inference after the decoder: geometric ensemble, class probabilities, mask upsampling, semantic map, crop, resize, argmax.</summary>
internal sealed class InferenceModule : IGoldenModule
{
    public string Name => "clouds_inference";

    public bool Supports(GoldenCase golden, out string? why)
    {
        string kind = golden.Config.Text("kind", "convnext");
        why = golden.Config.Bool("ensemble", false) && kind is not ("convnext" or "resnet") ? $"the geometric ensemble with {kind}" : null;
        return why is null;
    }

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        CaseConfig config = golden.Config;
        (int[] mask, int[] pad, int[] size, int[] output) = (config.Ints("mask"), config.Ints("pad"), config.Ints("size"), config.Ints("out"));
        GoldenTensor logits = config.Bool("ensemble", false) ? Ensembled(golden, device, cancellation) : golden.Tensor("input.pred_logits");
        int images = config.Int("batch");
        int queries = config.Int("num_queries");
        int classes = (int)logits.Shape[2] - 1;
        SemanticShape shape = new(queries, classes, mask[0], mask[1], pad[0], pad[1], size[0], size[1]);
        int pixels = output[0] * output[1];
        float[] scores = new float[images * classes * pixels];
        ushort[] labels = new ushort[images * pixels];
        for (int image = 0; image < images; image++)
        {
            ReadOnlySpan<float> Part(GoldenTensor tensor) => tensor.AsFloats().AsSpan(image * (tensor.Elements / images), tensor.Elements / images);
            float[] probabilities = SemanticInference.Probabilities(Part(logits), queries, classes);
            ReadOnlySpan<float> masks = Part(golden.Tensor("input.pred_masks"));
            Span<ushort> labelMap = labels.AsSpan(image * pixels, pixels);
            Span<float> scoreMap = scores.AsSpan(image * classes * pixels, classes * pixels);

            // The CUDA kernel gives the crop at its own size; a resize behind it is the processor's.
            if (device.Gpu is Gpu gpu && size.SequenceEqual(output))
            {
                RunOn(gpu, shape, probabilities, masks, labelMap, scoreMap);
            }
            else
            {
                SemanticInference.RunResized(shape, probabilities, masks, output[0], output[1], labelMap, scoreMap, cancellation: cancellation);
            }
        }

        return new Dictionary<string, GoldenTensor>
        {
            ["class_logits"] = logits,
            ["sem_seg"] = new GoldenTensor(scores, images, classes, output[0], output[1]),
            ["labels"] = new GoldenTensor(Array.ConvertAll(labels, label => (long)label), images, output[0], output[1]),
        };
    }

    private static GoldenTensor Ensembled(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        CaseGraph graph = new(golden);
        GraphBuilder g = graph.G;
        CaseConfig config = golden.Config;
        EnsembleConfig ensemble = new()
        {
            Alpha = config.Double("alpha"), Beta = config.Double("beta"), OnValidMask = config.Bool("valid") ? Choice.On : Choice.Off,
        };
        TextRows rows = TextRows.Of(g, graph.Input("input.text_classifier"), config.Ints("num_templates"));
        bool[] seen = [.. config.Ints("overlap").Select(overlap => overlap != 0)];
        g.Output("class_logits", new GeometricEnsemble(ensemble, Encoder(config), rows, seen).Build(g, graph.Input("input.pred_logits"),
            graph.Input("input.pred_masks"), graph.Input("input.clip_vis_dense"), graph.Input("input.clip_logit_scale")));
        return graph.Run(device, cancellation)["class_logits"];
    }

    private static IClipEncoder Encoder(CaseConfig config)
    {
        CaseConfig visual = config.Section("visual");
        return config.Text("kind") == "resnet"
            ? new ClipResNet(ClipResNetModule.Config(visual))
            : new ConvNeXt(new ConvNeXtConfig { Depths = visual.Ints("depths"), Widths = visual.Ints("dims"), Embedding = visual.Int("embed_dim") });
    }

    private static void RunOn(Gpu gpu, SemanticShape shape, float[] probabilities, ReadOnlySpan<float> masks, Span<ushort> labels, Span<float> scores)
    {
        using DeviceCopy<float> classes = new(gpu, probabilities);
        using DeviceCopy<float> logits = new(gpu, masks);
        using DeviceCopy<ushort> labelMap = new(gpu, labels);
        using DeviceCopy<float> scoreMap = new(gpu, scores);
        using CudaSemanticInference inference = new(gpu.Kernels, gpu.Stream, shape);
        inference.Run(gpu.Stream, classes.Span, logits.Span, labelMap.Span, scoreMap.Span);
        labelMap.Fetch(labels);
        scoreMap.Fetch(scores);
    }
}
