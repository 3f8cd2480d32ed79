using Clouds.Emulator;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Emulated)]
public class MaskMergeKernelTests
{
    private const int Planes = 5;

    [NvrtcTheory]
    [InlineData(6, false)]
    [InlineData(6, true)]
    [InlineData(1, false)]
    [InlineData(0, false)]
    public void Run_AnySchedule_EqualsAPixelByPixelEvaluation(int masks, bool differentClass)
    {
        MaskGeometry geometry = new(16, 16, 64, 64, 64, 50, 77, 61);
        float[] logits = Blobs(masks, 16);
        float[] predicted = [.. Pinned.Uniform(3 * masks, 5).Values.Select(value => MathF.Round(value * 4))];
        byte[] classes = [.. Enumerable.Range(0, masks).Select(i => (byte)(i % 3 == 0 ? 9 : i % 4))];
        Plain plain = new(geometry, logits, predicted, classes, differentClass);
        for (ulong seed = 1; seed <= 20; seed++)
        {
            using EmulatedGpu gpu = new(new EmulatorSettings { Seed = seed, DetectRaces = seed <= 2 });
            using CudaMaskMerge merge = new(gpu.Kernels, gpu.Stream, geometry);
            using DeviceBuffer<float> l = gpu.Upload<float>(logits);
            using DeviceBuffer<float> p = gpu.Upload<float>(predicted);
            using DeviceBuffer<byte> c = gpu.Upload<byte>(classes);
            using DeviceBuffer<byte> labels = gpu.Context.Allocate<byte>(77 * 61);
            using DeviceBuffer<int> areas = gpu.Context.Allocate<int>(masks);
            using DeviceBuffer<uint> bitmaps = gpu.Context.Allocate<uint>(Planes * 77 * 2);
            MaskOverlap overlap = differentClass ? MaskOverlap.DifferentClass : MaskOverlap.Any;
            merge.Run(gpu.Stream, l.Span, p.Span, c.Span, overlap, new MergedOnDevice(labels.Span, areas.Span, bitmaps.Span));
            Assert.Equal(plain.Labels, gpu.Download(labels));
            Assert.Equal(plain.Areas, gpu.Download(areas));
            Assert.Equal(plain.Bitmaps, gpu.Download(bitmaps));
        }
    }

    [NvrtcFact]
    public void Run_HalfLogits_GivesTheBitsOfTheWidenedOnes()
    {
        MaskGeometry geometry = new(16, 16, 64, 64, 64, 50, 77, 61);
        Half[] logits = Array.ConvertAll(Blobs(6, 16), value => (Half)value);
        float[] predicted = Pinned.Uniform(18, 5).Values;
        byte[] classes = [9, 1, 2, 9, 0, 1];
        Plain plain = new(geometry, Array.ConvertAll(logits, value => (float)value), predicted, classes, differentClass: false);
        using EmulatedGpu gpu = new();
        using CudaMaskMerge merge = new(gpu.Kernels, gpu.Stream, geometry);
        using DeviceBuffer<Half> l = gpu.Upload<Half>(logits);
        using DeviceBuffer<float> p = gpu.Upload<float>(predicted);
        using DeviceBuffer<byte> c = gpu.Upload<byte>(classes);
        using DeviceBuffer<byte> labels = gpu.Context.Allocate<byte>(77 * 61);
        using DeviceBuffer<int> areas = gpu.Context.Allocate<int>(6);
        merge.Run(gpu.Stream, l.Span, p.Span, c.Span, MaskOverlap.Any, new MergedOnDevice(labels.Span, areas.Span));
        Assert.Equal(plain.Labels, gpu.Download(labels));
        Assert.Equal(plain.Areas, gpu.Download(areas));
    }

    [NvrtcTheory]
    [InlineData(MaskOverlap.Any)]
    [InlineData(MaskOverlap.DifferentClass)]
    [InlineData(MaskOverlap.Keep)]
    public void Run_MasksInTwoParts_GivesWhatTheTwinGivesForAllAtOnce(MaskOverlap overlap)
    {
        const int Masks = 7;
        const int Words = 77 * 2;
        const int Logits = 3 * 16 * 16;
        MaskGeometry geometry = new(16, 16, 64, 64, 64, 50, 77, 61);
        float[] logits = Blobs(Masks, 16);
        float[] predicted = Pinned.Uniform(3 * Masks, 5).Values;
        byte[] classes = [.. Enumerable.Range(0, Masks).Select(i => (byte)(i % 3))];
        (byte[] labels, uint[] bitmaps, int[] areas) = (new byte[77 * 61], new uint[Planes * Words], new int[Masks]);
        (uint[] clashes, uint[] chosen) = (new uint[Words], new uint[Masks * Words]);
        MaskMerge.Run(
            geometry, logits, predicted, classes, overlap, new MergedMasks(labels, bitmaps, areas) { Clashes = clashes, Chosen = chosen }, threads: 1);
        using EmulatedGpu gpu = new(new EmulatorSettings { Seed = 3, DetectRaces = true });
        using CudaMaskMerge merge = new(gpu.Kernels, gpu.Stream, geometry);
        using DeviceBuffer<float> l = gpu.Upload<float>(logits);
        using DeviceBuffer<float> p = gpu.Upload<float>(predicted);
        using DeviceBuffer<byte> c = gpu.Upload<byte>(classes);
        using DeviceBuffer<byte> foundLabels = gpu.Context.Allocate<byte>(labels.Length);
        using DeviceBuffer<int> foundAreas = gpu.Context.Allocate<int>(Masks);
        using DeviceBuffer<uint> foundBitmaps = gpu.Context.Allocate<uint>(bitmaps.Length);
        using DeviceBuffer<uint> foundClashes = gpu.Context.Allocate<uint>(Words);
        using DeviceBuffer<uint> foundChosen = gpu.Context.Allocate<uint>(chosen.Length);
        foreach ((int from, int count) in new[] { (0, 3), (3, Masks - 3) })
        {
            MergedOnDevice part = new(foundLabels.Span, foundAreas.Span.Slice(from, count), foundBitmaps.Span)
            {
                Clashes = foundClashes.Span,
                Chosen = foundChosen.Span.Slice(from * Words, count * Words),
                Resumes = from > 0,
            };
            merge.Run(gpu.Stream, l.Span.Slice(from * Logits, count * Logits), p.Span.Slice(3 * from, 3 * count), c.Span.Slice(from, count), overlap, part);
        }

        Assert.Contains(clashes, word => word != 0);
        Assert.Equal(labels, gpu.Download(foundLabels));
        Assert.Equal(areas, gpu.Download(foundAreas));
        Assert.Equal(bitmaps, gpu.Download(foundBitmaps));
        Assert.Equal(clashes, gpu.Download(foundClashes));
        Assert.Equal(chosen, gpu.Download(foundChosen));
    }

    // Discs of different size for each candidate, so that tiles are empty, full and mixed.
    private static float[] Blobs(int masks, int side)
    {
        float[] noise = Pinned.Normal(masks * 3 * side * side, 4, 0.3).Values;
        for (int i = 0; i < noise.Length; i++)
        {
            (int mask, int y, int x) = (i / (side * side), i / side % side, i % side);
            float radius = 2 + (mask % 3 * 3) + (mask % 2 * 5);
            noise[i] += radius - MathF.Sqrt(MathF.Pow(y - (mask * 5 % side), 2) + MathF.Pow(x - (mask * 3 % side), 2));
        }

        return noise;
    }

    /// <summary>Both resizes literally, one pixel at a time.</summary>
    private sealed class Plain
    {
        private readonly MaskGeometry _g;
        private readonly float[] _logits;

        public Plain(MaskGeometry geometry, float[] logits, float[] predicted, byte[] classes, bool differentClass)
        {
            (_g, _logits) = (geometry, logits);
            Labels = new byte[geometry.OutputHeight * geometry.OutputWidth];
            Areas = new int[classes.Length];
            int words = (geometry.OutputWidth + 31) / 32;
            Bitmaps = new uint[Planes * geometry.OutputHeight * words];
            for (int i = 0; i < Labels.Length; i++)
            {
                (int y, int x) = (i / geometry.OutputWidth, i % geometry.OutputWidth);
                Labels[i] = Label(y, x, predicted, classes, differentClass);
                if (Labels[i] < Planes)
                {
                    Bitmaps[(((Labels[i] * geometry.OutputHeight) + y) * words) + (x / 32)] |= 1u << (x % 32);
                }
            }
        }

        public byte[] Labels { get; }

        public int[] Areas { get; }

        public uint[] Bitmaps { get; }

        private byte Label(int y, int x, float[] predicted, byte[] classes, bool differentClass)
        {
            byte owner = 255;
            bool clash = false;
            for (int m = 0; m < classes.Length; m++)
            {
                int best = (3 * m) + Enumerable.Range(0, 3).MaxBy(candidate => predicted[(3 * m) + candidate]);
                if (Output(best, y, x) > 0)
                {
                    Areas[m]++;
                    clash |= owner != 255 && (!differentClass || owner != classes[m]);
                    owner = owner == 255 ? classes[m] : owner;
                }
            }

            return clash ? (byte)255 : owner;
        }

        private float Output(int mask, int y, int x)
        {
            (int y0, int y1, float v0, float v1) = Tap(y, _g.InputHeight, _g.OutputHeight);
            (int x0, int x1, float u0, float u1) = Tap(x, _g.InputWidth, _g.OutputWidth);
            return (v0 * ((u0 * Frame(mask, y0, x0)) + (u1 * Frame(mask, y0, x1)))) + (v1 * ((u0 * Frame(mask, y1, x0)) + (u1 * Frame(mask, y1, x1))));
        }

        private float Frame(int mask, int y, int x)
        {
            (int y0, int y1, float v0, float v1) = Tap(y, _g.MaskHeight, _g.FrameHeight);
            (int x0, int x1, float u0, float u1) = Tap(x, _g.MaskWidth, _g.FrameWidth);
            return (v0 * ((u0 * Logit(mask, y0, x0)) + (u1 * Logit(mask, y0, x1)))) + (v1 * ((u0 * Logit(mask, y1, x0)) + (u1 * Logit(mask, y1, x1))));
        }

        private float Logit(int mask, int y, int x) => _logits[(((mask * _g.MaskHeight) + y) * _g.MaskWidth) + x];

        private static (int First, int Second, float W0, float W1) Tap(int i, int source, int target)
        {
            float position = Math.Max(0, ((float)source / target * (i + 0.5f)) - 0.5f);
            int first = Math.Min((int)position, source - 1);
            return (first, Math.Min(first + 1, source - 1), 1f - (position - first), position - first);
        }
    }
}
