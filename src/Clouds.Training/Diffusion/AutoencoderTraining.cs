using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Training.Augmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;

namespace Clouds.Training.Diffusion;

/// <summary>The training of an autoencoder as the engine sees it. Crop and noise of image i of step s are functions of (seed, s, i).</summary>
internal sealed class AutoencoderTraining : ITraining, IDisposable
{
    private readonly AutoencoderTrainingConfig _config;
    private readonly IImageSet _data;
    private readonly AutoencoderGraph _graph;
    private readonly SampleOrder _order;
    private readonly Prefetch<RgbImage> _crops;

    /// <param name="config">Settings.</param>
    /// <param name="data">Images.</param>
    /// <param name="workers">Images that are made at once; 0: as many as help.</param>
    public AutoencoderTraining(AutoencoderTrainingConfig config, IImageSet data, int workers = 0)
    {
        (_config, _data, _graph) = (config, data, new AutoencoderGraph(config));
        _order = new SampleOrder(data.Count, (ulong)config.Seed);
        _crops = new(Make, config.Steps * config.Batch, workers, ahead: 2 * config.Batch);
    }

    public TrainingGraph Build() => _graph.Build();

    public void Fill(Batch batch)
    {
        for (int i = 0; i < _config.Batch; i++)
        {
            Span<float> image = BatchPart.Of(batch, _graph.Image, i, _config.Batch);
            SignedColours.Write(_crops.Take((batch.Step * _config.Batch) + i), image, _config.Width, _config.Height);
            NormalNoise.Fill(BatchPart.Of(batch, _graph.Noise, i, _config.Batch), batch.Random("posterior", i));
        }

        TrainingStep.Meter.AddImages(_config.Batch);
    }

    public void Dispose() => _crops.Dispose();

    private RgbImage Make(long position)
    {
        (long step, long image) = Math.DivRem(position, _config.Batch);
        RandomStream random = new((ulong)_config.Seed, "crops", step, (int)image);
        RgbImage crop = new ImageFrame(_config.Width, _config.Height).Crop(_data.LoadImage(_order[position]), random);
        return random.NextBoolean(_config.FlipShare) ? Flip.Horizontal(crop) : crop;
    }
}
