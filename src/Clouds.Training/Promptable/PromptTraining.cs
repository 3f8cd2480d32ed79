using Clouds.Graph.Randomness;
using Clouds.Graph.Weights;
using Clouds.Models.Encoders;
using Clouds.Native.Images;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;

namespace Clouds.Training.Promptable;

/// <summary>The training of a Segment Anything as the engine sees it. Image i of step s, with its prompts, is a function of (seed, s, i).</summary>
internal sealed class PromptTraining : ITraining, IDisposable
{
    private static readonly Normalisation Colours = new(ColourStatistics.ImageNet.Mean, ColourStatistics.ImageNet.Deviation);

    private readonly SamTrainingConfig _config;
    private readonly IMaskedImages _data;
    private readonly PromptGraph _graph;
    private readonly SampleOrder _order;
    private readonly Prefetch<PromptedImage> _images;

    /// <param name="config">Settings.</param>
    /// <param name="data">Images with masks.</param>
    /// <param name="workers">Images that are made at once; 0: as many as help.</param>
    public PromptTraining(SamTrainingConfig config, IMaskedImages data, int workers = 0)
    {
        (_config, _data, _graph) = (config, data, new PromptGraph(config));
        _order = new SampleOrder(data.Count, (ulong)config.Seed);
        _images = new(Make, config.Steps * config.Batch, workers, ahead: 2 * config.Batch);
    }

    public TrainingGraph Build() => _config.TrainEncoder
        ? _graph.Whole()
        : _graph.BehindFrozen(parameters => FrozenWeights.Open(_config.From, parameters));

    public void Fill(Batch batch)
    {
        PromptedImage[] images = [.. Enumerable.Range(0, _config.Batch).Select(i => _images.Take((batch.Step * _config.Batch) + i))];
        PromptPorts ports = _graph.Ports;
        int side = _config.Network.Encoder.ImageSize;
        for (int i = 0; i < images.Length; i++)
        {
            Colours.Write(images[i].Image, Part(batch, ports.Image, i), side, side);
            images[i].Places.CopyTo(Part(batch, ports.Points, i));
            images[i].Labels.CopyTo(Part(batch, ports.Labels, i));
            images[i].Masks.CopyTo(Part(batch, ports.Masks, i));
            images[i].Inside.CopyTo(Part(batch, ports.Inside, i));
            images[i].Clear.CopyTo(Part(batch, ports.Clear, i));
            Part(batch, ports.Valid, i).Fill(images[i].HasPrompts ? 1 : 0);
        }

        batch.Of(ports.Count).Span[0] = Math.Max(1, _config.Prompts * images.Count(image => image.HasPrompts));
        TrainingStep.Meter.AddImages(images.Length);
    }

    public void Dispose() => _images.Dispose();

    private PromptedImage Make(long position)
    {
        (long step, long image) = Math.DivRem(position, _config.Batch);
        return new PromptedImage(_data.Load(_order[position]), _config, new RandomStream((ulong)_config.Seed, "prompts", step, (int)image));
    }

    private Span<T> Part<T>(Batch batch, Port<T> port, int image)
        where T : unmanaged
    {
        Span<T> all = batch.Of(port).Span;
        int length = all.Length / _config.Batch;
        return all.Slice(image * length, length);
    }
}
