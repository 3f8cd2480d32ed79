using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Native.Sam;
using Clouds.Native.Segmentation;

namespace Clouds.Tests.Native.Sam;

/// <summary>Embeddings that are kept, with a small Segment Anything.</summary>
[Kind(TestKind.Fast)]
public sealed class EmbeddingCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void Embed_KeptOrNot_GivesTheSameBits(int threads)
    {
        RgbImage image = Pictures.Noise(60, 33);
        using SegmentAnything sam = Load();
        ImageEmbedding direct = sam.Embed(image);
        ImageEmbedding made = Cache(sam).Embed(image);
        using SegmentAnything other = Load(threads: threads);
        ImageEmbedding kept = Cache(other).Embed(image);
        Assert.Single(Entries());
        Assert.Equal(direct.Values, made.Values);
        Assert.Equal(direct.Values, kept.Values);
        Assert.Equal(direct.Values, other.Embed(image).Values);
        Assert.Equal((direct.Width, direct.Height, direct.ImageDigest), (kept.Width, kept.Height, kept.ImageDigest));
        Assert.Equal(direct.Predict([new PromptPoint(20, 9)]).Best.ToLogits(), kept.Predict([new PromptPoint(20, 9)]).Best.ToLogits());
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Embed_ImageThatIsKept_IsNotLookedAtAgain()
    {
        using SegmentAnything sam = Load();
        RgbImage image = Pictures.Noise(40, 40);
        float[] values = Cache(sam).Embed(image).Values;
        byte[] planted = new byte[sizeof(float) * values.Length];
        new EntryFolder(_folder["cache"], 1 << 20, null).Keep(Path.GetFileNameWithoutExtension(Assert.Single(Entries())), planted);
        Assert.All(Cache(sam).Embed(image).Values, value => Assert.Equal(0, value));
    }

    [Fact]
    public void Embed_OtherPixelsSizesAndModels_HaveEntriesOfTheirOwn()
    {
        using SegmentAnything sam = Load();
        using SegmentAnything other = Load(seed: 2);
        RgbImage image = Pictures.Noise(40, 30);
        RgbImage turned = new(30, 40, image.Pixels);
        RgbImage changed = new(40, 30, [.. image.Pixels[..^1], (byte)(image.Pixels[^1] ^ 1)]);
        foreach (SegmentAnything one in new[] { sam, other })
        {
            Assert.All([image, turned, changed], picture => Assert.Equal(one.Embed(picture).Values, Cache(one).Embed(picture).Values));
            Assert.All([image, turned, changed], picture => Assert.Equal(one.Embed(picture).Values, Cache(one).Embed(picture).Values));
        }

        Assert.Equal(6, Entries().Length);
    }

    [Fact]
    public void Embed_DamagedEntry_IsMadeAnew()
    {
        using SegmentAnything sam = Load();
        RgbImage image = Pictures.Noise(40, 40);
        float[] values = Cache(sam).Embed(image).Values;
        byte[] whole = File.ReadAllBytes(Assert.Single(Entries()));
        File.WriteAllBytes(Entries()[0], whole[..^4]);
        Assert.Equal(values, Cache(sam).Embed(image).Values);
        Assert.Equal(whole, File.ReadAllBytes(Entries()[0]));
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Embed_FolderThatCannotBeMade_CostsAWarning()
    {
        using SegmentAnything sam = Load();
        File.WriteAllText(_folder["cache"], "");
        EmbeddingCache cache = Cache(sam);
        Assert.All([Pictures.Noise(40, 40), Pictures.Noise(41, 40)], image => Assert.Equal(sam.Embed(image).Values, cache.Embed(image).Values));
        Assert.Single(_warnings);
    }

    [Fact]
    public void Embed_NoBytes_LeavesNoTrace()
    {
        using SegmentAnything sam = Load();
        EmbeddingCache cache = new(sam, _folder["cache"], 0, _warnings.Add);
        Assert.Equal(sam.Embed(Pictures.Noise(9, 9)).Values, cache.Embed(Pictures.Noise(9, 9)).Values);
        Assert.False(Directory.Exists(_folder["cache"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EmbeddingCache(sam, _folder["cache"], -1));
        Assert.Throws<ArgumentException>(() => new EmbeddingCache(sam, ""));
    }

    [Fact]
    public void Embed_CancelledOrDisposed_ThrowsAlsoWhereTheEntryIsThere()
    {
        SegmentAnything sam = Load();
        EmbeddingCache cache = Cache(sam);
        RgbImage image = Pictures.Noise(20, 20);
        cache.Embed(image);
        Assert.Throws<OperationCanceledException>(() => cache.Embed(image, new CancellationToken(canceled: true)));
        sam.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cache.Embed(image));
    }

    [Fact]
    public void Predictor_WithTheCache_RefinesToTheSameMapAndKeepsTheImage()
    {
        using SegmentAnything sam = Load();
        RgbImage image = Pictures.Noise(64, 48);
        LabelMap map = new(64, 48, [.. Enumerable.Range(0, 64 * 48).Select(i => (ushort)(i % 64 / 9))]);
        RefinementOptions options = new() { SizeThreshold = 20 };
        ushort[] Refine(IMaskPredictor masks)
        {
            using PseudoLabelRefiner refiner = new(masks, options, 2);
            return refiner.Refine(image, map, new PointSeed(1, 0, 0)).Map.Ids;
        }

        ushort[] direct = Refine(sam.Predictor);
        Assert.Equal(direct, Refine(Cache(sam).Predictor));
        Assert.Single(Entries());
        Assert.Equal(direct, Refine(Cache(sam).Predictor));
    }

    [Fact]
    public void MaskOf_DrawnMask_LiesWhereItWasDrawn()
    {
        using SegmentAnything sam = Load();
        ImageEmbedding embedding = sam.Embed(Pictures.Noise(120, 60));
        bool[] drawn = [.. Enumerable.Range(0, 120 * 60).Select(i => i % 120 is >= 30 and < 80 && i / 120 is >= 10 and < 40)];
        bool[] shown = new ObjectMask(sam.GeometryOf(120, 60), embedding.MaskOf(drawn), 1).ToPixels();

        // The edges of 50 x 30 pixels may move by half a logit, 2.5 pixels.
        Assert.InRange(drawn.Zip(shown).Count(pair => pair.First != pair.Second), 0, 2 * 3 * (50 + 30));
        Assert.Throws<ArgumentOutOfRangeException>(() => embedding.MaskOf(drawn.AsSpan(1)));
    }

    private EmbeddingCache Cache(SegmentAnything sam) => new(sam, _folder["cache"], 1 << 20, _warnings.Add);

    private string[] Entries() => Directory.GetFiles(_folder["cache"]);

    private SegmentAnything Load(ulong seed = 1, int threads = 2)
    {
        string file = _folder[$"sam{seed}.safetensors"];
        if (!File.Exists(file))
        {
            TinySam.Write(file, seed);
        }

        return SegmentAnything.Load(file, new() { Device = ComputeDevice.Cpu, Threads = threads });
    }
}
