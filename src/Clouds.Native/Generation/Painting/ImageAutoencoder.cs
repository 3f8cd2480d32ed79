using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Models.Diffusion;
using Clouds.Native.Catalogue;
using Clouds.Native.Generation.Weights;
using Clouds.Native.Images;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Generation.Painting;

/// <summary>
/// The autoencoder of a latent diffusion alone (Rombach et al. 2022, section 3.1): says images again, so that one sees what its latents keep. Not
/// thread-safe.
/// </summary>
public sealed class ImageAutoencoder : IDisposable
{
    private const string Pixels = "pixels", Answer = "answer", Wrong = "wrong";

    private readonly AutoencoderConfig _config;
    private readonly Device _device;
    private readonly SharedWeights _weights;
    private readonly SessionSettings _settings;
    private readonly LastUsed<(int Width, int Height), GraphSession> _sessions;
    private readonly float[] _wrong = new float[1];

    private ImageAutoencoder(string path, AutoencoderWeights autoencoder, StableDiffusionOptions options)
    {
        (_config, _settings) = (autoencoder.Config, options.SessionSettings);
        Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        Files = [.. autoencoder.Files.Select(ImportedFile.Of)];
        _device = options.OpenDevice();
        try
        {
            _weights = new SharedWeights(autoencoder.Freeze());
        }
        catch
        {
            _device.Dispose();
            throw;
        }

        _sessions = new(size => Open(size.Width, size.Height));
    }

    /// <summary>Name of its file or folder.</summary>
    public string Name { get; }

    /// <summary>The files that its answers depend on, with their digests.</summary>
    public IReadOnlyList<ImportedFile> Files { get; }

    /// <summary>What the sides of images are multiples of.</summary>
    public int Multiple => _config.Stride;

    /// <summary>Opens one and checks every weight.</summary>
    /// <param name="path">
    /// A folder with config.json and weights, as `clouds train vae` and diffusers write it, or one that has it as its folder "vae"; or a whole checkpoint, as
    /// <see cref="StableDiffusion.Load"/> takes it.
    /// </param>
    /// <param name="options">Device and threads; null: defaults.</param>
    /// <exception cref="ArgumentException">The path is null or empty.</exception>
    /// <exception cref="CloudsException">As <see cref="StableDiffusion.Load"/>.</exception>
    public static ImageAutoencoder Load(string path, StableDiffusionOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new StableDiffusionOptions();
        options.Require();
        return new ImageAutoencoder(path, AutoencoderWeights.Open(path), options);
    }

    /// <summary>What an image becomes when the mean of its latents is decoded.</summary>
    /// <param name="image">Sides that are multiples of <see cref="Multiple"/>.</param>
    /// <param name="stop">Ends it, when the operator that runs has ended.</param>
    /// <returns>An image of the same size; the caller's.</returns>
    /// <exception cref="ArgumentException">Sides that are none.</exception>
    /// <exception cref="CloudsException">Numeric: the answer is not finite; Device: no memory, or the GPU failed.</exception>
    public RgbImage Repeat(RgbImage image, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.Width < Multiple || image.Height < Multiple || image.Width % Multiple != 0 || image.Height % Multiple != 0)
        {
            throw new ArgumentException($"{image.Width} x {image.Height} pixels are no multiples of {Multiple}", nameof(image));
        }

        RgbImage answer = new(image.Width, image.Height);
        GraphSession session = _sessions[(image.Width, image.Height)];
        session.Bind<byte>(Pixels, image.Pixels, 1, image.Height, image.Width, 3);
        session.Bind<byte>(Answer, answer.Pixels, 1, image.Height, image.Width, 3);
        session.Bind<float>(Wrong, _wrong, 1);
        session.Run(stop);
        return _wrong[0] == 0 ? answer : throw new CloudsException(Failure.Numeric, "the answer of an autoencoder is not finite", Name,
            $"NaN or infinity for {_wrong[0]} of {answer.Pixels.Length} numbers", "numbers", "take another checkpoint");
    }

    /// <summary>Closes it.</summary>
    public void Dispose()
    {
        _sessions.Dispose();
        _weights.Dispose();
        _device.Dispose();
    }

    private GraphSession Open(int width, int height)
    {
        GraphBuilder g = new("autoencoder");
        Autoencoder network = new(_config);
        Value pixels = g.Cast(g.Transpose(g.Input(Pixels, ElementType.UInt8, [1, height, width, 3]), 0, 3, 1, 2), ElementType.Float);
        Value image = network.Decode(g, network.Encode(g, g.Sub(g.Mul(pixels, 2f / 255), g.Constant(1f))).Mean);
        Value finite = g.Less(g.Abs(image), g.Constant(float.PositiveInfinity));
        g.Output(Answer, Autoencoder.Pixels(g, Autoencoder.Shown(g, image)));
        g.Output(Wrong, g.Reshape(g.SumAll(g.Cast(g.Not(finite), ElementType.Float)), [1]));
        return _device.CreateSession(OnnxModel.Write(g, _weights.Weights.Elements), _settings with { Weights = _weights });
    }
}
