using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Native.Images;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;

namespace Clouds.Training.SelfTraining;

/// <summary>
/// What the teacher says of a clean image: encoder and the teacher's decoder, then semantic inference at the image's size and argmax (method.md sections 1.7
/// and 3.5, steps 2 and 5). The graph takes one image and runs as often as a batch has generated ones: a graph of the whole batch would compute eight where
/// two or three are there (<see cref="MixConfig"/>).
/// </summary>
internal sealed class TeacherLabels : IDisposable
{
    private const string Name = "teacher";

    private readonly MaskFormer _network;
    private readonly StepShape _shape;
    private readonly Normalisation _colours;
    private readonly int _queries;
    private readonly int _threads;
    private readonly Port<float> _image;
    private readonly Port<float> _classes;
    private readonly Port<float> _masks;
    private CudaSemanticInference? _there;
    private DeviceBuffer<ushort>? _labels;
    private (int Width, int Height) _size;

    /// <param name="network">The network; its head is the teacher's here.</param>
    /// <param name="queries">Q.</param>
    /// <param name="shape">Sizes of the step.</param>
    /// <param name="threads">Processor threads; 0: one a processor.</param>
    public TeacherLabels(MaskFormer network, int queries, StepShape shape, int threads)
    {
        (_network, _queries, _shape, _threads) = (network, queries, shape, threads);
        (long height, long width) = shape.FeatureSizes[0];
        _colours = new Normalisation(network.Encoder.Colours.Mean, network.Encoder.Colours.Deviation);
        _image = new("teacher.image", [1, 3, shape.Height, shape.Width]);
        _classes = new("teacher.classes", [1, queries, shape.Slots]);
        _masks = new("teacher.masks", [1, queries, height, width]);
    }

    /// <summary>The teacher's graph. The encoder is the student's: frozen, or, where it is trained, as it is at the step.</summary>
    /// <param name="encoder">Weights of a frozen encoder; null where it is trained.</param>
    public Stage Stage(FrozenWeights? encoder)
    {
        GraphBuilder g = new(Name);
        Prediction answer = _network.Decode(g, _network.Encode(g, _image.In(g)))[^1];
        g.Output(_classes.Name, g.Slice(g.Softmax(answer.ClassLogits), axis: 2, from: 0, to: _shape.Slots));        // [1, Q, K]
        g.Output(_masks.Name, answer.MaskLogits);                                                                   // [1, Q, h, w]
        return new Stage(g, encoder) { OnDemand = true, Live = $"{_network.Encoder.Scope}." };
    }

    /// <summary>Labels a clean image.</summary>
    /// <param name="batch">The step's batch.</param>
    /// <param name="clean">At most as large as the crop; what it leaves is as the padding of test images.</param>
    /// <returns>Train ids at the image's size.</returns>
    /// <exception cref="CloudsException">Numeric: a score is not finite; Device: the GPU failed.</exception>
    public LabelMap Label(Batch batch, RgbImage clean)
    {
        _colours.Write(clean, batch.Of(_image).Span, _shape.Width, _shape.Height);
        batch.Run(Name);
        LabelMap map = new(clean.Width, clean.Height);
        if (batch.Gpu is Gpu gpu)
        {
            Infer(batch, gpu, map);
        }
        else
        {
            SemanticInference.Run(Sizes(map), batch.Here(_classes), batch.Here(_masks), map.Ids, [], _threads);
        }

        return map.Ids.AsSpan().Contains(SemanticInference.NoLabel) ? throw NotFinite(batch.Step) : map;
    }

    public void Dispose()
    {
        _there?.Dispose();
        _labels?.Dispose();
    }

    private SemanticShape Sizes(LabelMap map)
    {
        (long height, long width) = _shape.FeatureSizes[0];
        return new SemanticShape(_queries, _shape.Slots, (int)height, (int)width, _shape.Height, _shape.Width, map.Height, map.Width);
    }

    private void Infer(Batch batch, Gpu gpu, LabelMap map)
    {
        if (_size != (map.Width, map.Height))
        {
            Dispose();
            (_there, _labels) = (null, null);
            _there = new CudaSemanticInference(gpu.Kernels, gpu.Stream, Sizes(map));
            _labels = gpu.Context.Allocate<ushort>(map.Ids.Length);
            _size = (map.Width, map.Height);
        }

        _there!.Run(gpu.Stream, batch.There(_classes), batch.There(_masks), _labels!.Span);
        gpu.Stream.Download(_labels.Span, map.Ids.AsSpan());
    }

    private static CloudsException NotFinite(long step) => new(
        Failure.Numeric, "the teacher's scores are not finite", $"step {step}", "an infinity or no number", "finite numbers",
        "start stage 2 again from another stage-1 model, or with a smaller learning rate");
}
