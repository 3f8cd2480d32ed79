using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Native.Sam;
using Clouds.Native.Segmentation;

namespace Clouds.Tests.Native.Sam;

/// <summary>Masks without prompts, against the same written plainly; and their form in JSON.</summary>
[Kind(TestKind.Fast)]
public sealed class FindEverythingTests : IDisposable
{
    private static readonly EverythingOptions Loose =
        new() { PointsPerSide = 3, LeastScore = 0, LeastStability = 0.2f, StabilityOffset = 0.05f, MostOverlap = 0.6f };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, EverythingOptions> OptionsOutOfRange => new()
    {
        { "PointsPerSide", new() { PointsPerSide = 0 } },
        { "LeastScore", new() { LeastScore = float.NaN } },
        { "LeastStability", new() { LeastStability = 1.1f } },
        { "StabilityOffset", new() { StabilityOffset = 0 } },
        { "MostOverlap", new() { MostOverlap = -1 } },
        { "CropLayers", new() { CropLayers = 7 } },
        { "CropOverlap", new() { CropOverlap = 1 } },
        { "CropPointDivisor", new() { CropPointDivisor = 0 } },
        { "SmallestRegion", new() { SmallestRegion = -1 } },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(60, 45, 0)]
    [InlineData(45, 90, 0)]
    [InlineData(120, 90, 1)]
    public void FindEverything_ImageOfAnyShape_KeepsWhatThePlainEvaluationKeeps(int width, int height, int layers)
    {
        using SegmentAnything sam = Load();
        RgbImage image = Pictures.Noise(width, height);
        EverythingOptions options = Loose with { CropLayers = layers, CropPointDivisor = 2 };
        Plain[] wanted = [.. Evaluate(sam, image, options)];
        IReadOnlyList<FoundMask> found = sam.FindEverything(image, options);
        Assert.NotEmpty(wanted);
        Assert.Equal(wanted.Select(mask => (mask.Score, mask.Box, mask.Point)), found.Select(mask => (mask.Score, mask.Box, mask.Point)));
        foreach ((Plain plain, FoundMask mask) in wanted.Zip(found))
        {
            Assert.Equal(plain.Stability, mask.Stability, 1e-6f);
            Assert.Equal(plain.Pixels.Count, mask.Mask.Area);
            Assert.All(plain.Pixels, pixel => Assert.True(mask.Mask.Contains(pixel.X, pixel.Y)));
        }
    }

    [Fact]
    public void FindEverything_SmallestRegion_ChangesMasksThatHaveSmallerOnes()
    {
        using SegmentAnything sam = Load();
        RgbImage image = Pictures.Noise(60, 45);
        IReadOnlyList<FoundMask> plain = sam.FindEverything(image, Loose with { MostOverlap = 1 });
        using SmallRegions regions = new(20, threads: 1);
        FoundMask[] wanted = [.. regions.Remove(plain, 1)];
        IReadOnlyList<FoundMask> found = sam.FindEverything(image, Loose with { MostOverlap = 1, SmallestRegion = 20 });
        Assert.Equal(CocoMasks.ToJson(wanted), CocoMasks.ToJson(found));
        Assert.NotEqual(CocoMasks.ToJson(plain), CocoMasks.ToJson(found));
    }

    [Fact]
    public void FindEverything_Progress_CountsAllPoints()
    {
        using SegmentAnything sam = Load();
        Counting progress = new();
        sam.FindEverything(Pictures.Noise(40, 40), Loose with { CropLayers = 1, CropPointDivisor = 3 }, progress);
        Assert.Equal(Enumerable.Range(1, 13).Select(i => ((long)i, 13L)), progress.Reports);
    }

    [Theory]
    [MemberData(nameof(OptionsOutOfRange))]
    public void FindEverything_OptionOutOfRange_NamesTheMember(string member, EverythingOptions options)
    {
        using SegmentAnything sam = Load();
        CloudsException failure = Assert.Throws<CloudsException>(() => sam.FindEverything(Pictures.Noise(9, 9), options));
        Assert.Equal((Failure.Usage, $"EverythingOptions.{member}"), (failure.Failure, failure.Where));
    }

    [Theory]
    [InlineData(2, 2, "", "4")]
    [InlineData(2, 2, "0,1,2,3", "04")]
    [InlineData(3, 3, "0,4,8", "013000")]
    public void Encode_SmallMasks_IsWhatCocosToolsWrite(int width, int height, string inside, string text)
    {
        int[] pixels = [.. inside.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        Assert.Equal(text, CocoMasks.Encode(Mask(width, height, i => pixels.Contains(i))));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 300)]
    [InlineData(500, 11)]
    [InlineData(64, 64)]
    public void Encode_AnyMask_ComesBackByTheRulesOfTheFormat(int width, int height)
    {
        foreach (int rough in new[] { 1, 3, 40, 5000 })
        {
            RandomStream random = new((ulong)rough, "coco");
            bool inside = false;
            bool[] pixels = [.. Enumerable.Range(0, width * height).Select(_ => inside ^= random.NextInt32(rough) == 0)];
            Assert.Equal(pixels, Decode(CocoMasks.Encode(Mask(width, height, i => pixels[i])), width, height));
        }
    }

    [Fact]
    public void ToJson_FoundMask_HasTheKeysOfTheReference()
    {
        using SegmentAnything sam = Load();
        FoundMask[] found = [.. sam.FindEverything(Pictures.Noise(40, 30), Loose)];
        JsonElement first = JsonDocument.Parse(CocoMasks.ToJson(found)).RootElement[0];
        Assert.Equal(
            ["area", "bbox", "crop_box", "point_coords", "predicted_iou", "segmentation", "stability_score"],
            first.EnumerateObject().Select(property => property.Name).Order());
        Assert.Equal([30, 40], first.GetProperty("segmentation").GetProperty("size").EnumerateArray().Select(side => side.GetInt32()));
        Assert.Equal([0, 0, 40, 30], first.GetProperty("crop_box").EnumerateArray().Select(side => side.GetInt32()));
        Assert.Equal(found[0].Mask.Area, first.GetProperty("area").GetInt32());
        Assert.Equal("[]", CocoMasks.ToJson([]));
    }

    private sealed record Plain(float Score, float Stability, PromptBox Box, PromptPoint Point, PixelWindow Crop, List<(int X, int Y)> Pixels);

    private static IEnumerable<Plain> Evaluate(SegmentAnything sam, RgbImage image, EverythingOptions options)
    {
        List<Plain> all = [];
        List<PixelWindow> windows = [new(0, 0, image.Width, image.Height)];
        if (options.CropLayers == 1)
        {
            int overlap = (int)(512.0 / 1500 * Math.Min(image.Width, image.Height));
            (int w, int h) = ((image.Width + overlap + 1) / 2, (image.Height + overlap + 1) / 2);
            (int right, int below) = (w - overlap, h - overlap);
            (int restX, int restY) = (Math.Min(w, image.Width - right), Math.Min(h, image.Height - below));
            windows.AddRange([new(0, 0, w, h), new(0, below, w, restY), new(right, 0, restX, h), new(right, below, restX, restY)]);
        }

        foreach (PixelWindow window in windows)
        {
            int side = windows.IndexOf(window) == 0 ? options.PointsPerSide : options.PointsPerSide / options.CropPointDivisor;
            ImageEmbedding embedding = sam.Embed(PillowResize.Bilinear(image, image.Width, image.Height, window));
            List<Plain> here = [];
            for (int i = 0; i < side * side; i++)
            {
                PromptPoint point = new((float)((0.5 + (i % side)) / side * window.Width), (float)((0.5 + (i / side)) / side * window.Height));
                here.AddRange(embedding.Predict([point]).Masks.Select(mask => Describe(mask, point, window)).Where(mask =>
                    mask.Score > options.LeastScore && mask.Stability >= options.LeastStability && !IsCut(mask.Box, window, image)));
            }

            all.AddRange(Suppress(here, mask => mask.Score, options.MostOverlap));
        }

        return windows.Count == 1 ? all : Suppress(all, mask => 1.0 / (mask.Crop.Width * mask.Crop.Height), options.MostOverlap);
    }

    private static Plain Describe(ObjectMask mask, PromptPoint point, PixelWindow window)
    {
        float[] logits = mask.ToLogits();
        List<(int X, int Y)> pixels =
            [.. Enumerable.Range(0, logits.Length).Where(i => logits[i] > 0).Select(i => (window.X + (i % window.Width), window.Y + (i / window.Width)))];
        PromptBox box = pixels.Count == 0
            ? default
            : new(pixels.Min(p => p.X), pixels.Min(p => p.Y), pixels.Max(p => p.X), pixels.Max(p => p.Y));
        float stability = (float)logits.Count(logit => logit > Loose.StabilityOffset) / logits.Count(logit => logit > -Loose.StabilityOffset);
        return new Plain(mask.Score, stability, box, new PromptPoint(point.X + window.X, point.Y + window.Y), window, pixels);
    }

    private static bool IsCut(PromptBox box, PixelWindow window, RgbImage image)
    {
        float[] sides = [box.Left, box.Top, box.Right, box.Bottom];
        float[] borders = [window.X, window.Y, window.X + window.Width, window.Y + window.Height];
        float[] ends = [0, 0, image.Width, image.Height];
        return Enumerable.Range(0, 4).Any(i => Math.Abs(sides[i] - borders[i]) <= 20 && Math.Abs(sides[i] - ends[i]) > 20);
    }

    private static List<Plain> Suppress(List<Plain> masks, Func<Plain, double> goodness, float most)
    {
        List<Plain> kept = [];
        foreach (Plain mask in masks.OrderByDescending(goodness))
        {
            float Overlap(Plain other)
            {
                (PromptBox a, PromptBox b) = (mask.Box, other.Box);
                float across = Math.Max(0, Math.Min(a.Right, b.Right) - Math.Max(a.Left, b.Left));
                float common = across * Math.Max(0, Math.Min(a.Bottom, b.Bottom) - Math.Max(a.Top, b.Top));
                return common / (((a.Right - a.Left) * (a.Bottom - a.Top)) + ((b.Right - b.Left) * (b.Bottom - b.Top)) - common);
            }

            if (!kept.Any(other => Overlap(other) > most))
            {
                kept.Add(mask);
            }
        }

        return kept;
    }

    // Read back as COCO's tools read it.
    private static bool[] Decode(string text, int width, int height)
    {
        List<long> runs = [];
        for (int i = 0; i < text.Length;)
        {
            (long number, int shift, int digit) = (0, 0, 0x20);
            while ((digit & 0x20) != 0)
            {
                digit = text[i++] - 48;
                number |= (long)(digit & 0x1f) << shift;
                shift += 5;
            }

            number |= (digit & 0x10) != 0 ? -1L << shift : 0;
            runs.Add(runs.Count > 2 ? number + runs[^2] : number);
        }

        bool[] columns = [.. runs.SelectMany((run, i) => Enumerable.Repeat(i % 2 == 1, (int)run))];
        return [.. Enumerable.Range(0, width * height).Select(i => columns[(i % width * height) + (i / width)])];
    }

    private static PixelMask Mask(int width, int height, Func<int, bool> inside)
    {
        uint[] plane = new uint[PixelMask.Words(width) * height];
        for (int i = 0; i < width * height; i++)
        {
            plane[(i / width * PixelMask.Words(width)) + (i % width / 32)] |= inside(i) ? 1u << (i % width % 32) : 0;
        }

        return PixelMask.Of(plane, width, height);
    }

    private SegmentAnything Load()
    {
        TinySam.Write(_folder["sam.safetensors"]);
        return SegmentAnything.Load(_folder["sam.safetensors"], new() { Device = ComputeDevice.Cpu, Threads = 2 });
    }

    private sealed class Counting : IProgress<ProgressReport>
    {
        public List<(long Done, long Total)> Reports { get; } = [];

        public void Report(ProgressReport value) => Reports.Add((value.Done, value.Total));
    }
}
