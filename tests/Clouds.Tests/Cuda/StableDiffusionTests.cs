using Clouds.Emulator.Driver;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Segmentation;
using Clouds.Tests.Native.Generation.Weights;

namespace Clouds.Tests.Cuda;

/// <summary>Stable Diffusion on the CUDA provider: prompt, noise and factors go up, the image comes down, and between steps nothing moves.</summary>
[Kind(TestKind.Gpu)]
[Collection(CudaStandIn.Collection)]
public sealed class StableDiffusionTests : IDisposable
{
    private const int Side = 128;
    private const long PixelBytes = 3L * Side * Side, LatentBytes = 4L * 4 * (Side / 2) * (Side / 2), RowBytes = 16 * 4, TokenBytes = 77 * 8;

    // How many numbers of the image are none.
    private const long CountBytes = 4;

    // ONNX Runtime's Concat of unequal parts takes tables from the host, a few hundred bytes each.
    private const long MostTables = 2048;

    private static readonly PaintRequest Request = new() { Prompt = "a bus", Steps = 4, Width = Side, Height = Side, Sampler = PaintSampler.Euler };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [CudaTheory(CudaNeeds.StandIn | CudaNeeds.Compiler)]
    [InlineData(PaintSampler.Euler, 4)]
    [InlineData(PaintSampler.Pndm, 5)]
    [InlineData(PaintSampler.DpmSolver, 12)]
    public void Paint_UploadsPromptNoiseAndFactorsAndDownloadsTheImageAlone(PaintSampler sampler, int calls)
    {
        using IDisposable counting = CudaStandIn.CountingOnly();
        new TinyDiffusion().Save(_folder);
        using StableDiffusion painter = StableDiffusion.Load(_folder.Path, new StableDiffusionOptions { Device = ComputeDevice.Cuda() });
        PaintRequest request = Request with { Sampler = sampler, Steps = sampler == PaintSampler.Pndm ? calls - 1 : calls };
        painter.Paint([request]);

        CudaStandIn.Reset();
        painter.Paint([request]);
        Expect(LatentBytes + (calls * RowBytes), calls);

        CudaStandIn.Reset();
        painter.Paint([request with { Prompt = "a car" }]);
        Expect(TokenBytes + LatentBytes + (calls * RowBytes), calls);
    }

    [CudaFact(CudaNeeds.StandIn | CudaNeeds.Compiler)]
    public void Paint_WithFreshNoiseAndAStartImage_UploadsThemOnce()
    {
        using IDisposable counting = CudaStandIn.CountingOnly();
        new TinyDiffusion().Save(_folder);
        using StableDiffusion painter = StableDiffusion.Load(_folder.Path, new StableDiffusionOptions { Device = ComputeDevice.Cuda(), Tile = 64 });
        PaintRequest request = Request with { Sampler = PaintSampler.EulerAncestral, Start = Pictures.Noise(Side, Side), Strength = 0.5 };
        painter.Paint([request]);

        CudaStandIn.Reset();
        painter.Paint([request]);
        Expect(PixelBytes + (2 * LatentBytes) + (2 * LatentBytes) + (2 * RowBytes), 2);
    }

    // Tables of each call of the denoiser, and of cutting and joining.
    private static void Expect(long uploaded, int calls)
    {
        DriverCounters counters = CudaStandIn.Counters;
        Assert.Equal((2, PixelBytes + CountBytes), (counters.Downloads, counters.DownloadedBytes));
        Assert.InRange(counters.UploadedBytes, uploaded, uploaded + ((calls + 2) * MostTables));
    }
}
