using Clouds.Diagnostics;
using Clouds.Models.Diffusion.Sampling;
using Clouds.Models.Diffusion.Tiling;
using Clouds.Native.Generation.Weights;
using Clouds.Native.Images;
using Clouds.Native.Tokenizers;
using Clouds.Runtime.Devices;

namespace Clouds.Native.Generation.Painting;

/// <summary>
/// Stable Diffusion 1.x and 2.x: text encoder, denoiser and autoencoder (Rombach et al. 2022; section 3.2 of the paper). From the prompt's tokens to the
/// image's pixels everything stays where the networks run.
/// </summary>
/// <example>
/// <code>
/// using StableDiffusion painter = StableDiffusion.Load("stable-diffusion-2");
/// PaintedImage painted = painter.Paint([new PaintRequest { Prompt = "a photo of a bus in the rain", Seed = 7 }])[0];
/// ImageFile.WritePng("bus.png", painted.Image);
/// </code>
/// </example>
public sealed class StableDiffusion : IPainter
{
    private readonly DiffusionNetworks _networks;
    private readonly ClipTokenizer _tokenizer;
    private readonly Lazy<PainterFacts> _facts;
    private readonly StableDiffusionOptions _options;
    private readonly Device _device;
    private readonly PromptVectors _prompts;
    private readonly LastUsed<StepShape, Denoiser> _denoisers;
    private readonly LastUsed<(int Height, int Width), LatentDecoder> _decoders;
    private readonly LastUsed<(int Height, int Width), StartEncoder> _encoders;
    private bool _closed;

    internal StableDiffusion(
        DiffusionNetworks networks, ClipTokenizer tokenizer, string name, Func<IReadOnlyList<Catalogue.ImportedFile>> files, StableDiffusionOptions options)
    {
        (_networks, _tokenizer, _options, _device) = (networks, tokenizer, options, networks.Device);
        int stride = networks.Config.Autoencoder.Stride, tile = options.Tile / stride;
        RequireTile(options.Tile, stride * TileAxis.Quarters);
        _facts = new(() => FactsOf(networks, name, files()));
        _prompts = new PromptVectors(networks);
        _denoisers = new(shape => new Denoiser(networks, shape));
        _decoders = new(size => new LatentDecoder(networks, size.Height, size.Width, tile));
        _encoders = new(size => new StartEncoder(networks, size.Height, size.Width, tile));
    }

    /// <inheritdoc/>
    /// <remarks>When first asked for, the files are read as a whole for their digests, about a second a gigabyte.</remarks>
    public PainterFacts Facts => _facts.Value;

    /// <summary>Opens a model and checks all that can be checked without a request: the options, the files, every weight, the device.</summary>
    /// <param name="path">
    /// A checkpoint of Stable Diffusion 1.x or 2.x: a folder as diffusers writes it, or one file as its authors publish it or `clouds model import` writes
    /// it. It is mapped and must not be written to in place.
    /// </param>
    /// <param name="options">Device, threads, precision, tiles; null: defaults.</param>
    /// <exception cref="ArgumentException">The path is null or empty.</exception>
    /// <exception cref="CloudsException">
    /// Usage: an option is out of range; Weights: missing, damaged, incomplete, or no Stable Diffusion; Numeric: a weight is not finite; Device: the GPU that
    /// the options name does not work.
    /// </exception>
    public static StableDiffusion Load(string path, StableDiffusionOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new StableDiffusionOptions();
        options.Require();
        DiffusionWeights weights = DiffusionWeights.Open(path);
        if (weights.Config.ForeignSampler is string foreign)
        {
            options.Warn?.Invoke(
                $"{path}: its sampler is {foreign}, which is not known here; {weights.Config.Sampler.Kind} takes its place where none is named");
        }

        Device device = options.OpenDevice();
        DiffusionNetworks? networks = null;
        try
        {
            networks = new DiffusionNetworks(weights.Config, device, options.SessionSettings, weights.Freeze, options.Precision);
            return new StableDiffusion(networks, weights.Tokenizer, weights.Name, () => weights.Digest(), options);
        }
        catch
        {
            networks?.Dispose();
            device.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<PaintedImage> Paint(
        IReadOnlyList<PaintRequest> requests, IProgress<PaintProgress>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ObjectDisposedException.ThrowIf(_closed, this);
        PaintJob[] jobs = [.. requests.Select(request => PaintJob.Of(request, _networks.Config))];
        return [.. jobs.Select((job, i) => Paint(job, (step, preview) => progress?.Report(
            new PaintProgress(i, jobs.Length, step, job.Plan.Steps.Count, preview)), stop))];
    }

    /// <summary>Frees the networks. Not while it paints.</summary>
    public void Dispose()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        _prompts.Dispose();
        _denoisers.Dispose();
        _decoders.Dispose();
        _encoders.Dispose();
        _networks.Dispose();
        _device.Dispose();
    }

    // One image at a time: products of several images at once need not have the bits of each alone (decision 64).
    private PaintedImage Paint(PaintJob job, Action<int, RgbImage?> tell, CancellationToken stop)
    {
        PromptTokens prompt = PromptTokens.Of(job.Request.Prompt, _tokenizer, _networks.Config);
        PromptTokens negative = PromptTokens.Of(job.Request.NegativePrompt, _tokenizer, _networks.Config);
        (TensorMemory<float> text, TensorMemory<float> other) = _prompts.Of(prompt.Ids, job.IsGuided ? negative.Ids : null, stop);
        Denoiser denoiser = _denoisers[job.Shape(_networks.Config.Autoencoder.Stride)];
        Begin(job, denoiser, stop);
        denoiser.Run(job.Plan, job.Request.Guidance, job.Request.Seed, text, other, step => tell(step, Preview(denoiser, job.Plan, step)), stop);
        (RgbImage image, bool again) = Decode(job, denoiser, stop);
        return new PaintedImage(image, new PaintNotes(prompt.Cut, job.IsGuided ? negative.Cut : null, again));
    }

    private void Begin(PaintJob job, Denoiser denoiser, CancellationToken stop)
    {
        if (job.Request.Start is RgbImage start)
        {
            StartEncoder encoder = _encoders[((int)denoiser.Shape[2], (int)denoiser.Shape[3])];
            encoder.Encode(start, job.Request.Seed, job.Plan.Onto, denoiser.Latents, _networks.Half, stop);
            return;
        }

        float[] noise = new float[denoiser.Elements];
        LatentNoise.Fill(noise, job.Request.Seed, LatentNoise.Start, job.Plan.Start);
        denoiser.Latents.Write(noise);
    }

    private RgbImage? Preview(Denoiser denoiser, SamplingPlan plan, int step) => _options.PreviewEvery > 0 && step % _options.PreviewEvery == 0
        ? LatentPreview.Of(denoiser.Clean(plan.Steps[step - 1]), (int)denoiser.Shape[2], (int)denoiser.Shape[3])
        : null;

    private (RgbImage Image, bool Again) Decode(PaintJob job, Denoiser denoiser, CancellationToken stop)
    {
        LatentDecoder decoder = _decoders[((int)denoiser.Shape[2], (int)denoiser.Shape[3])];
        byte[]? first = decoder.Decode(denoiser.Latents, _networks.Half, stop);
        byte[]? pixels = first ?? (_networks.Half ? decoder.Decode(denoiser.Latents, half: false, stop) : null);
        return pixels is null ? throw NoNumber(job, denoiser) : (new RgbImage(job.Width, job.Height, pixels), first is null);
    }

    private CloudsException NoNumber(PaintJob job, Denoiser denoiser)
    {
        bool latents = Array.Exists(denoiser.Latents.Read(), value => !float.IsFinite(value));
        return new CloudsException(Failure.Numeric, "the networks' answer is not finite", $"an image of {job.Width} x {job.Height} pixels",
            latents ? "NaN or infinity among the latents" : "NaN or infinity among the pixels, the latents being finite",
            next: latents && _networks.Half ? "paint in single precision (StableDiffusionOptions.Precision)"
                : "the weights overflow: take another checkpoint");
    }

    private static PainterFacts FactsOf(DiffusionNetworks networks, string name, IReadOnlyList<Catalogue.ImportedFile> files) => new()
    {
        Name = name,
        Files = files,
        Side = networks.Config.Side,
        Multiple = networks.Config.Autoencoder.Stride,
        Sampler = (PaintSampler)networks.Config.Sampler.Kind,
        Prediction = networks.Config.Sampler.Prediction == Prediction.V ? "v_prediction" : "epsilon",
        MostSteps = networks.Config.Sampler.Noise.Steps,
        Precision = networks.Half ? "fp16" : "fp32",
        Device = networks.Device.Name.ToString(),
    };

    private static void RequireTile(int tile, int multiple)
    {
        if (tile % multiple != 0)
        {
            throw new CloudsException(Failure.Usage, "an option is out of range", $"{nameof(StableDiffusionOptions)}.{nameof(StableDiffusionOptions.Tile)}",
                $"{tile}", $"a multiple of {multiple}, so that a fourth of it is whole in latents", $"take {(tile / multiple * multiple) + multiple}");
        }
    }
}
