using Clouds.Diagnostics;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Tests.Native.Generation.Weights;

namespace Clouds.Tests.Native.Generation.Painting;

/// <summary>Images of prompts by a network of a few thousand weights: a multiple of 2 pixels, 16 on a side by itself.</summary>
[Kind(TestKind.Fast)]
public sealed class StableDiffusionTests : IDisposable
{
    private static readonly PaintRequest Request = new() { Prompt = "a photo of a bus", Seed = 5, Steps = 4, Width = 22, Height = 14 };

    private readonly TemporaryFolder _folder = new();

    public StableDiffusionTests() => new TinyDiffusion().Save(_folder);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Paint_SameRequest_SameBitsOnAnyNumberOfThreads()
    {
        using StableDiffusion one = Load(new() { Threads = 1 }), three = Load(new() { Threads = 3 });
        byte[] pixels = Pixels(one, Request);
        Assert.Equal(pixels, Pixels(one, Request));
        Assert.Equal(pixels, Pixels(three, Request));
        Assert.True(pixels.Distinct().Count() > 30);
        Assert.Equal(22 * 14 * 3, pixels.Length);
    }

    [Fact]
    public void Paint_OtherSeedPromptNegativePromptOrSteps_OtherImages()
    {
        using StableDiffusion painter = Load();
        PaintRequest[] all =
        [
            Request, Request with { Seed = 6 }, Request with { Seed = -5 }, Request with { Prompt = "a photo of a car" },
            Request with { NegativePrompt = "rain" }, Request with { Steps = 5 }, Request with { Guidance = 3 },
        ];
        Assert.Equal(all.Length, painter.Paint(all).Select(painted => Convert.ToHexString(painted.Image.Pixels)).Distinct().Count());
    }

    [Fact]
    public void Paint_SeveralAtOnce_GivesTheBitsOfEachAlone()
    {
        PaintRequest[] requests =
        [
            Request, Request with { Seed = 6, Sampler = PaintSampler.EulerAncestral }, Request with { Width = 16, Height = 16, Guidance = 1 },
            Request with { Sampler = PaintSampler.DpmSolver }, Request with { Seed = 8 }, Request with { Start = Pictures.Noise(22, 14), Strength = 0.5 },
        ];
        using StableDiffusion together = Load();
        IReadOnlyList<PaintedImage> images = together.Paint(requests);
        for (int i = 0; i < requests.Length; i++)
        {
            using StableDiffusion alone = Load();
            Assert.Equal(Pixels(alone, requests[i]), images[i].Image.Pixels);
        }
    }

    [Theory]
    [InlineData(PaintSampler.Euler, 4)]
    [InlineData(PaintSampler.EulerAncestral, 4)]
    [InlineData(PaintSampler.Ddim, 4)]
    [InlineData(PaintSampler.Pndm, 5)]
    [InlineData(PaintSampler.DpmSolver, 4)]
    public void Paint_AnySampler_TellsEachStepAndShowsPreviews(PaintSampler sampler, int calls)
    {
        Reports<PaintProgress> told = new();
        using StableDiffusion painter = Load(new() { PreviewEvery = 2 });
        painter.Paint([Request with { Sampler = sampler }], told);
        Assert.Equal(Enumerable.Range(1, calls).Select(step => (0, 1, step, calls)), told.All.Select(at => (at.Image, at.Images, at.Step, at.Steps)));
        Assert.Equal(told.All.Select(at => at.Step % 2 == 0), told.All.Select(at => at.Preview is not null));
        Assert.All(told.All.Where(at => at.Preview is not null), at => Assert.Equal((11, 7), (at.Preview!.Width, at.Preview.Height)));
    }

    [Fact]
    public void Paint_WithoutGuidance_DoesNotHearTheNegativePrompt()
    {
        using StableDiffusion painter = Load();
        PaintRequest free = Request with { Guidance = 1 };
        PaintedImage painted = painter.Paint([free with { NegativePrompt = new string('x', 200) }])[0];
        Assert.Equal(Pixels(painter, free), painted.Image.Pixels);
        Assert.Null(painted.Notes.NegativePromptCut);
    }

    // Each letter but the last of a word is a token of this vocabulary.
    [Fact]
    public void Paint_PromptBeyondTheContext_IsCutAndTold()
    {
        string fits = new('x', 75), long1 = fits[..74] + "yz";
        using StableDiffusion painter = Load();
        IReadOnlyList<PaintedImage> images = painter.Paint(
        [
            Request with { Prompt = fits }, Request with { Prompt = long1 }, Request with { Prompt = fits[..74] + "yw" },
            Request with { NegativePrompt = long1 },
        ]);
        Assert.Null(images[0].Notes.PromptCut);
        Assert.Equal(("z", "w"), (images[1].Notes.PromptCut, images[2].Notes.PromptCut));
        Assert.Equal(images[1].Image.Pixels, images[2].Image.Pixels);
        Assert.Equal((null, "z"), (images[3].Notes.PromptCut, images[3].Notes.NegativePromptCut));
    }

    [Theory]
    [InlineData(23, 14, "22 or 24")]
    [InlineData(22, 1, "take 2")]
    [InlineData(22, 0, "take 2")]
    [InlineData(-4, 14, "take 2")]
    [InlineData(22, 100_000, "take 16384")]
    public void Paint_SizeThatIsNoMultiple_NamesTheNearest(int width, int height, string next)
    {
        using StableDiffusion painter = Load();
        CloudsException failure = Assert.Throws<CloudsException>(() => painter.Paint([Request with { Width = width, Height = height }]));
        Assert.Equal(Failure.Usage, failure.Failure);
        Assert.Contains(next, failure.Next, StringComparison.Ordinal);
    }

    [Fact]
    public void Paint_RequestOutOfRange_IsRefusedBeforeAnythingIsPainted()
    {
        Reports<PaintProgress> told = new();
        using StableDiffusion painter = Load();
        PaintRequest[] wrong =
        [
            Request with { Steps = 0 }, Request with { Steps = 1001 }, Request with { Guidance = 0.5 }, Request with { Guidance = double.NaN },
            Request with { Strength = 0 }, Request with { Strength = 1.1 }, Request with { Sampler = (PaintSampler)77 },
            Request with { Start = Pictures.Noise(16, 16) }, Request with { Start = Pictures.Noise(22, 14), Strength = 0.2 },
        ];
        Assert.All(wrong, request => Assert.Equal(Failure.Usage, Assert.Throws<CloudsException>(() => painter.Paint([Request, request], told)).Failure));
        Assert.Empty(told.All);
    }

    [Fact]
    public void Paint_StartImage_TakesTheLastStepsOfItsStrength()
    {
        RgbImage start = Pictures.Noise(16, 16);
        using StableDiffusion painter = Load();
        Reports<PaintProgress> told = new();
        PaintRequest begun = Request with { Width = null, Height = null, Start = start, Steps = 20, Sampler = PaintSampler.Ddim, Guidance = 1 };
        IReadOnlyList<PaintedImage> images = painter.Paint([.. new[] { 0.05, 0.5, 1 }.Select(strength => begun with { Strength = strength })], told);
        Assert.Equal([1, 10, 20], told.All.Where(at => at.Step == at.Steps).Select(at => at.Steps));
        Assert.Equal(3, images.Select(painted => Convert.ToHexString(painted.Image.Pixels)).Distinct().Count());
    }

    [Fact]
    public void Paint_Cancelled_EndsAndCanPaintAgain()
    {
        using StableDiffusion painter = Load();
        byte[] pixels = Pixels(painter, Request);
        using CancellationTokenSource stop = new();
        Reports<PaintProgress> told = new(at => stop.Cancel());
        Assert.ThrowsAny<OperationCanceledException>(() => painter.Paint([Request], told, stop.Token));
        Assert.Single(told.All);
        Assert.Equal(pixels, Pixels(painter, Request));
    }

    [Fact]
    public void Paint_Disposed_SaysSo()
    {
        StableDiffusion painter = Load();
        painter.Dispose();
        painter.Dispose();
        Assert.Throws<ObjectDisposedException>(() => painter.Paint([Request]));
    }

    [Fact]
    public void Facts_AreTheCheckpoints()
    {
        using StableDiffusion painter = Load();
        PainterFacts facts = painter.Facts;
        Assert.Equal((16, 2, PaintSampler.Pndm, "epsilon", 1000, "fp32", "cpu"),
            (facts.Side, facts.Multiple, facts.Sampler, facts.Prediction, facts.MostSteps, facts.Precision, facts.Device));
        Assert.Contains(facts.Files, file => file.Name == "unet/diffusion_pytorch_model.safetensors" && file.Sha256.Length == 64);
        PaintedImage own = painter.Paint([new PaintRequest { Prompt = "", Steps = 2 }])[0];
        Assert.Equal((16, 16), (own.Image.Width, own.Image.Height));
    }

    [Theory]
    [InlineData(-1, 0, 0)]
    [InlineData(0, -8, 0)]
    [InlineData(0, 12, 0)]
    [InlineData(0, 0, -1)]
    public void Load_OptionOutOfRange_SaysWhich(int threads, int tile, int preview) => Assert.Equal(Failure.Usage,
        Assert.Throws<CloudsException>(() => Load(new() { Threads = threads, Tile = tile, PreviewEvery = preview })).Failure);

    private StableDiffusion Load(StableDiffusionOptions? options = null) =>
        StableDiffusion.Load(_folder.Path, (options ?? new()) with { Device = ComputeDevice.Cpu });

    private static byte[] Pixels(StableDiffusion painter, PaintRequest request) => painter.Paint([request])[0].Image.Pixels;
}
