using Clouds.Graph.Randomness;
using Clouds.Graph.Weights;
using Clouds.Native.Images;
using Clouds.Native.Tokenizers;
using Clouds.Training.Augmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Engine;

namespace Clouds.Training.Diffusion;

/// <summary>
/// The training of a denoiser as the engine sees it. Time, noise, caption and latents of image i of step s are functions of (seed, s, i); what the
/// autoencoder says of an image is a function of the image, as it is asked for one at a time.
/// </summary>
internal sealed class DiffusionTraining : ITraining, IDisposable
{
    private readonly DiffusionTrainingConfig _config;
    private readonly ICaptionedImages _data;
    private readonly DiffusionGraph _graph;
    private readonly PromptTokens _tokens;
    private readonly KnownLatents _known;
    private readonly SampleOrder _order;
    private readonly Prefetch<RgbImage?> _images;
    private readonly RgbImage?[] _waiting;

    /// <param name="config">Settings.</param>
    /// <param name="data">Images with captions.</param>
    /// <param name="tokenizer">The captions' vocabulary.</param>
    /// <param name="workers">Images that are made at once; 0: as many as help.</param>
    public DiffusionTraining(DiffusionTrainingConfig config, ICaptionedImages data, ClipTokenizer tokenizer, int workers = 0)
    {
        (_config, _data, _graph, _tokens) = (config, data, new DiffusionGraph(config), new PromptTokens(tokenizer, config.Text));
        _known = new KnownLatents((int)_graph.Mean.Shape.ElementCount, (long)config.KeptLatents << 20);
        _order = new SampleOrder(data.Count, (ulong)config.Seed);
        _images = new(Make, config.Steps * config.Batch, workers, ahead: 2 * config.Batch);
        _waiting = new RgbImage?[config.Batch];
    }

    public TrainingGraph Build() => _graph.Build(FrozenWeights.Open);

    public void Fill(Batch batch)
    {
        for (int i = 0; i < _config.Batch; i++)
        {
            long position = (batch.Step * _config.Batch) + i;
            _waiting[i] = _images.Take(position);
            bool told = !batch.Random("caption", i).NextBoolean(_config.DropCaption);
            _tokens.Write(told ? _data.Caption(_order[position]) : "", BatchPart.Of(batch, _graph.Tokens, i, _config.Batch));
            batch.Of(_graph.Times).Span[i] = batch.Random("time", i).NextInt32(_config.Times);
            NormalNoise.Fill(BatchPart.Of(batch, _graph.Noise, i, _config.Batch), batch.Random("noise", i));
        }

        TrainingStep.Meter.AddImages(_config.Batch);
    }

    public void Complete(Batch batch)
    {
        for (int i = 0; i < _config.Batch; i++)
        {
            int image = _order[(batch.Step * _config.Batch) + i];
            KnownLatents.Moments moments = _known.Find(image) ?? Encode(batch, image, _waiting[i]);
            Sample(moments, batch.Random("posterior", i), BatchPart.Of(batch, _graph.Latents, i, _config.Batch));
        }
    }

    public void Dispose() => _images.Dispose();

    // An image that is known by now is not read.
    private RgbImage? Make(long position) => _known.Find(_order[position]) is null ? Framed(_order[position]) : null;

    private RgbImage Framed(int image) => new ImageFrame(_config.Width, _config.Height).Fill(_data.LoadImage(image), random: null);

    private KnownLatents.Moments Encode(Batch batch, int image, RgbImage? read)
    {
        SignedColours.Write(read ?? Framed(image), batch.Of(_graph.Image).Span, _config.Width, _config.Height);
        batch.Run(DiffusionGraph.Encoder);
        KnownLatents.Moments moments = new(Given(batch, _graph.Mean), Given(batch, _graph.LogVariance));
        _known.Keep(image, moments);
        return moments;
    }

    private void Sample(KnownLatents.Moments moments, RandomStream random, Span<float> latents)
    {
        float scale = (float)_config.Autoencoder.Scale;
        for (int i = 0; i < latents.Length; i++)
        {
            latents[i] = scale * (moments.Mean[i] + (MathF.Exp(0.5f * moments.LogVariance[i]) * (float)random.NextNormal()));
        }
    }

    private static float[] Given(Batch batch, Port<float> port)
    {
        float[] values = new float[port.Shape.ElementCount];
        if (batch.Gpu is null)
        {
            batch.Here(port).CopyTo(values);
        }
        else
        {
            batch.Gpu.Stream.Download(batch.There(port), values.AsSpan());
        }

        return values;
    }
}
