using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Models.Diffusion.Sampling;
using Clouds.Native.Generation.Weights;

namespace Clouds.Native.Generation.Painting;

/// <summary>A request with everything decided that it leaves open.</summary>
/// <param name="Request">The request.</param>
/// <param name="Width">Pixels a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Plan">The steps.</param>
internal sealed record PaintJob(PaintRequest Request, int Width, int Height, SamplingPlan Plan)
{
    /// <summary>The longest side of an image.</summary>
    public const int MostPixels = 1 << 14;

    /// <summary>Whether the negative prompt says anything.</summary>
    public bool IsGuided => Request.Guidance > 1;

    /// <summary>Decides.</summary>
    /// <param name="request">The request.</param>
    /// <param name="config">The model.</param>
    /// <exception cref="CloudsException">Usage: the request is out of range.</exception>
    public static PaintJob Of(PaintRequest request, DiffusionConfig config)
    {
        RequireRanges(request, config.Sampler.Noise.Steps);
        int width = Side(request.Width ?? request.Start?.Width ?? config.Side, nameof(PaintRequest.Width), config.Autoencoder.Stride);
        int height = Side(request.Height ?? request.Start?.Height ?? config.Side, nameof(PaintRequest.Height), config.Autoencoder.Stride);
        if (request.Start is not null)
        {
            Require((request.Start.Width, request.Start.Height) == (width, height), nameof(PaintRequest.Start),
                $"{request.Start.Width} x {request.Start.Height} pixels", $"{width} x {height} pixels, as the image to be painted", "resize it first");
        }

        SamplerConfig sampler = request.Sampler is PaintSampler kind ? config.Sampler with { Kind = (SamplerKind)kind } : config.Sampler;
        return new PaintJob(request, width, height, sampler.Plan(request.Steps, Skipped(request)));
    }

    /// <summary>The graph of its steps.</summary>
    /// <param name="stride">Pixels of a latent cell's side.</param>
    public StepShape Shape(int stride) => new(Height / stride, Width / stride, IsGuided, StepTable.History(Plan), StepTable.IsNoisy(Plan));

    // As diffusers counts them.
    private static int Skipped(PaintRequest request)
    {
        int done = request.Start is null ? request.Steps : Math.Min((int)(request.Steps * request.Strength), request.Steps);
        Require(done > 0, nameof(PaintRequest.Strength), $"{request.Strength} of {request.Steps} steps", "one step at least", "take more steps or strength");
        return request.Steps - done;
    }

    private static void RequireRanges(PaintRequest request, int mostSteps)
    {
        ArgumentNullException.ThrowIfNull(request);
        Require(request.Prompt is not null, nameof(PaintRequest.Prompt), "null", "a text");
        Require(request.NegativePrompt is not null, nameof(PaintRequest.NegativePrompt), "null", "a text, perhaps an empty one");
        Require(request.Steps >= 1 && request.Steps <= mostSteps, nameof(PaintRequest.Steps), request.Steps, $"1..{mostSteps}");
        Require(double.IsFinite(request.Guidance) && request.Guidance >= 1, nameof(PaintRequest.Guidance), request.Guidance, "1 or more; 1 is none");
        Require(request.Sampler is null || Enum.IsDefined(request.Sampler.Value), nameof(PaintRequest.Sampler), request.Sampler,
            string.Join(", ", Enum.GetNames<PaintSampler>()));
        Require(request.Strength is > 0 and <= 1, nameof(PaintRequest.Strength), request.Strength, "more than 0, at most 1");
    }

    private static int Side(int pixels, string member, int stride)
    {
        (int below, int above) = (Math.Max(stride, pixels / stride * stride), Math.Min(MostPixels, (pixels / stride * stride) + stride));
        Require(pixels >= stride && pixels <= MostPixels && pixels % stride == 0, member, pixels, $"a multiple of {stride}, {stride}..{MostPixels}",
            pixels < stride ? $"take {stride}" : pixels > MostPixels ? $"take {MostPixels}" : $"take {below} or {above}");
        return pixels;
    }

    private static void Require(bool condition, string member, object? found, string expected, string next = "correct the request")
    {
        if (!condition)
        {
            throw new CloudsException(Failure.Usage, "an image cannot be painted as asked", $"{nameof(PaintRequest)}.{member}",
                string.Create(CultureInfo.InvariantCulture, $"{found}"), expected, next);
        }
    }
}
