using System.IO.Hashing;
using System.Text;
using Clouds.Native.Catalogue;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Images;

namespace Clouds.Tests.Native.Generation.Store;

/// <summary>Paints blocks of colours that depend on everything that a request says, and counts.</summary>
internal sealed class PatternPainter : IPainter
{
    private const int Blocks = 8;

    /// <summary>Images painted so far.</summary>
    public int Painted { get; private set; }

    /// <summary>Dies, as a process would, when it is asked for so many; -1: never.</summary>
    public int DiesAt { get; init; } = -1;

    /// <summary>The picture of a request; null: its pattern.</summary>
    public Func<PaintRequest, RgbImage>? Picture { get; init; }

    /// <summary>Told when nobody needs it any more; null: nobody is.</summary>
    public Action? Closed { get; init; }

    public PainterFacts Facts { get; init; } = FactsOf(32);

    public IReadOnlyList<PaintedImage> Paint(IReadOnlyList<PaintRequest> requests, IProgress<PaintProgress>? progress, CancellationToken stop)
    {
        List<PaintedImage> images = [];
        foreach ((int number, PaintRequest request) in requests.Index())
        {
            stop.ThrowIfCancellationRequested();
            if (Painted == DiesAt)
            {
                throw new InvalidOperationException("killed");
            }

            RgbImage image = Picture?.Invoke(request) ?? Pattern(request);
            for (int step = 1; step <= request.Steps; step++)
            {
                progress?.Report(new PaintProgress(number, requests.Count, step, request.Steps, new RgbImage(4, 4)));
            }

            images.Add(new PaintedImage(image, new PaintNotes(request.Prompt.Length > 40 ? "the rest" : null, null, false)));
            Painted++;
        }

        return images;
    }

    public void Dispose() => Closed?.Invoke();

    /// <summary>What it is where its images have such a side.</summary>
    public static PainterFacts FactsOf(int side) => new()
    {
        Name = "pattern",
        Files = [new ImportedFile("unet.safetensors", 3, new string('a', 64))],
        Side = side,
        Multiple = 8,
        Sampler = PaintSampler.Euler,
        Prediction = "epsilon",
        MostSteps = 1000,
        Precision = "fp32",
        Device = "cpu",
    };

    /// <summary>Blocks of colours that a text stands for.</summary>
    public static RgbImage Pattern(string text, int width, int height)
    {
        RgbImage image = new(width, height);
        for (int i = 0; i < width * height; i++)
        {
            int block = (i / width * Blocks / height * Blocks) + (i % width * Blocks / width);
            uint colour = XxHash32.HashToUInt32(Encoding.UTF8.GetBytes($"{text} {block}"));
            (image.Pixels[3 * i], image.Pixels[(3 * i) + 1], image.Pixels[(3 * i) + 2]) = ((byte)colour, (byte)(colour >> 8), (byte)(colour >> 16));
        }

        return image;
    }

    private static RgbImage Pattern(PaintRequest request) => Pattern(
        $"{request.Prompt}|{request.NegativePrompt}|{request.Seed}|{request.Steps}|{request.Guidance}|{request.Sampler}|"
        + $"{request.Start is null}|{request.Strength}",
        request.Width ?? 32, request.Height ?? 32);
}
