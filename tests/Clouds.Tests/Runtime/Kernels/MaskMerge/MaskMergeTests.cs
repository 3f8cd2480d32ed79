using Clouds.Graph.Randomness;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public class MaskMergeTests
{
    public static TheoryData<int> Geometries => [.. Enumerable.Range(0, Sizes.Length)];

    private static readonly MaskGeometry[] Sizes =
    [
        new(16, 16, 64, 64, 64, 48, 50, 37), new(16, 16, 64, 64, 40, 64, 80, 128), new(24, 20, 96, 80, 96, 80, 33, 31), new(8, 8, 32, 32, 32, 32, 32, 32),
        new(12, 12, 12, 12, 12, 12, 12, 12), new(1, 1, 4, 4, 3, 4, 5, 70), new(64, 64, 256, 256, 200, 256, 96, 123), MaskGeometry.Sam(1024, 683, 96, 64),
    ];

    [Theory]
    [MemberData(nameof(Geometries))]
    public void Run_EverySize_EqualsThePixelByPixelEvaluation(int size)
    {
        MaskGeometry geometry = Sizes[size];
        foreach (MaskOverlap overlap in Enum.GetValues<MaskOverlap>())
        {
            foreach (bool rough in new[] { false, true })
            {
                Check(geometry, Scene(geometry, geometry.MaskWidth > 200 ? 3 : 6, rough), overlap);
            }
        }
    }

    [Fact]
    public void Run_TwoMasksOfOneClass_ClashOnlyByTheReferenceRule()
    {
        MaskGeometry geometry = new(4, 4, 4, 4, 4, 4, 4, 4);
        float[] logits = new float[2 * 3 * 16];
        Array.Fill(logits, 1f);
        byte[] labels = new byte[16];
        int[] areas = new int[2];
        MaskMerge.Run(geometry, logits, new float[6], [7, 7], MaskOverlap.Any, new MergedMasks(labels, [], areas));
        Assert.All(labels, label => Assert.Equal(255, label));
        MaskMerge.Run(geometry, logits, new float[6], [7, 7], MaskOverlap.DifferentClass, new MergedMasks(labels, [], areas));
        Assert.All(labels, label => Assert.Equal(7, label));
        Assert.Equal([16, 16], areas);
        MaskMerge.Run(geometry, logits, new float[6], [7, 8], MaskOverlap.DifferentClass, new MergedMasks(labels, [], areas));
        Assert.All(labels, label => Assert.Equal(255, label));
    }

    [Theory]
    [MemberData(nameof(Geometries))]
    public void Run_MasksInParts_GiveLabelsClashesClassesAndTheMasksThemselves(int size)
    {
        MaskGeometry geometry = Sizes[size];
        foreach (MaskOverlap overlap in Enum.GetValues<MaskOverlap>())
        {
            MaskScene scene = Scene(geometry, geometry.MaskWidth > 200 ? 3 : 7, rough: size % 2 == 0);
            (byte[] labels, int[] areas) = MaskMergeOracle.Run(geometry, scene, overlap);
            bool[][] covered = [.. Enumerable.Range(0, areas.Length).Select(i => MaskMergeOracle.Mask(geometry, scene, i))];
            foreach (int part in new[] { 1, 2, 100 })
            {
                CheckParts(geometry, scene, overlap, part, labels, covered);
            }
        }
    }

    [Fact]
    public void Run_WithoutMasks_LabelsNothing()
    {
        byte[] labels = new byte[35];
        MaskMerge.Run(new(4, 4, 4, 4, 4, 4, 5, 7), [], [], [], MaskOverlap.Any, new MergedMasks(labels, [], []));
        Assert.All(labels, label => Assert.Equal(255, label));
    }

    [Fact]
    public void Run_NotFiniteLogits_FollowTheArithmetic()
    {
        MaskGeometry geometry = new(8, 8, 32, 32, 32, 32, 40, 40);
        MaskScene scene = Scene(geometry, 2, rough: false);
        scene.Logits[9] = float.PositiveInfinity;
        scene.Logits[(3 * 64) + 20] = float.NaN;
        scene.Logits[(4 * 64) + 30] = float.NegativeInfinity;
        scene.Logits[^1] = 1e-42f;
        Check(geometry, scene, MaskOverlap.Any);
    }

    [Fact]
    public void Best_EqualIou_TakesTheFirst() => Assert.Equal([0, 1, 2], MaskMerge.Best([0.5f, 0.5f, 0.5f, 0.1f, 0.9f, 0.9f, 0.1f, 0.2f, 0.3f]));

    [Fact]
    public void Run_SizesThatDoNotFit_AreRefused()
    {
        MaskGeometry geometry = new(4, 4, 8, 8, 8, 8, 8, 8);
        Assert.Throws<ArgumentException>(
            () => MaskMerge.Run(geometry, new float[47], new float[3], [1], MaskOverlap.Any, new MergedMasks(new byte[64], [], new int[1])));
        Assert.Throws<ArgumentException>(
            () => MaskMerge.Run(geometry, new float[48], new float[3], [1], MaskOverlap.Any, new MergedMasks(new byte[64], new uint[9], new int[1])));
        Assert.Throws<ArgumentException>(
            () => MaskMerge.Run(geometry, new float[48], new float[3], [255], MaskOverlap.Any, new MergedMasks(new byte[64], [], new int[1])));
        Assert.Throws<ArgumentException>(() => MaskMerge.Run(
            geometry with { InputWidth = 9 }, new float[48], new float[3], [1], MaskOverlap.Any, new MergedMasks(new byte[64], [], new int[1])));
    }

    private static MaskScene Scene(MaskGeometry geometry, int masks, bool rough)
    {
        RandomStream random = new(1, "masks", geometry.OutputWidth, rough ? 1 : 0);
        float[] logits = new float[masks * 3 * geometry.MaskPixels];
        for (int plane = 0; plane < masks * 3; plane++)
        {
            (double cx, double cy, double r) =
                (random.NextDouble() * geometry.MaskWidth, random.NextDouble() * geometry.MaskHeight, random.NextDouble(0.1, 0.6) * geometry.MaskWidth);
            for (int i = 0; i < geometry.MaskPixels; i++)
            {
                double distance = Math.Sqrt(Math.Pow((i % geometry.MaskWidth) - cx, 2) + Math.Pow((i / geometry.MaskWidth) - cy, 2));
                logits[(plane * geometry.MaskPixels) + i] = (float)(rough ? random.NextNormal() : r - distance);
            }
        }

        return new MaskScene(logits, [.. Enumerable.Range(0, masks * 3).Select(_ => random.NextSingle())],
            [.. Enumerable.Range(0, masks).Select(_ => (byte)random.NextInt32(4))]);
    }

    private static void Check(MaskGeometry geometry, MaskScene scene, MaskOverlap overlap)
    {
        (byte[] labels, int[] areas) = MaskMergeOracle.Run(geometry, scene, overlap);
        int words = MaskMerge.WordsPerRow(geometry.OutputWidth);
        foreach (int threads in new[] { 1, 3 })
        {
            byte[] found = new byte[geometry.Pixels];
            uint[] bitmaps = new uint[3 * geometry.OutputHeight * words];
            int[] foundAreas = new int[areas.Length];
            Array.Fill(bitmaps, 0xDEADBEEF);
            MaskMerge.Run(geometry, scene.Logits, scene.Iou, scene.Classes, overlap, new MergedMasks(found, bitmaps, foundAreas), threads);
            Assert.Equal(labels, found);
            Assert.Equal(areas, foundAreas);
            if (overlap != MaskOverlap.Keep)
            {
                Assert.Equal(Bitmaps(geometry, labels, words), bitmaps);
            }
        }
    }

    private static void CheckParts(MaskGeometry geometry, MaskScene scene, MaskOverlap overlap, int part, byte[] labels, bool[][] covered)
    {
        const int Planes = 4;
        int plane = geometry.OutputHeight * MaskMerge.WordsPerRow(geometry.OutputWidth);
        int masks = scene.Classes.Length;
        (byte[] found, uint[] bitmaps, uint[] clashes) = (new byte[geometry.Pixels], new uint[Planes * plane], new uint[plane]);
        uint[] chosen = new uint[masks * plane];
        Array.Fill(chosen, 0xDEADBEEF);
        for (int from = 0; from < masks; from += part)
        {
            int to = Math.Min(masks, from + part);
            MergedMasks result = new(found, bitmaps, new int[to - from])
            {
                Clashes = clashes,
                Chosen = chosen.AsSpan(from * plane, (to - from) * plane),
                Resumes = from > 0,
            };
            MaskMerge.Run(geometry, scene.Logits.AsSpan(from * 3 * geometry.MaskPixels, (to - from) * 3 * geometry.MaskPixels),
                scene.Iou.AsSpan(3 * from, 3 * (to - from)), scene.Classes.AsSpan(from, to - from), overlap, result, threads: 2);
        }

        Assert.Equal(labels, found);
        for (int pixel = 0; pixel < found.Length; pixel++)
        {
            int[] here = [.. Enumerable.Range(0, masks).Where(i => covered[i][pixel])];
            byte[] classes = [.. here.Select(i => scene.Classes[i]).Distinct()];
            Assert.Equal(overlap == MaskOverlap.Any ? here.Length > 1 : classes.Length > 1, Bit(geometry, clashes, 0, pixel));
            Assert.All(Enumerable.Range(0, masks), i => Assert.Equal(covered[i][pixel], Bit(geometry, chosen, i, pixel)));
            Assert.All(Enumerable.Range(0, Planes), c => Assert.Equal(
                overlap == MaskOverlap.Keep ? classes.Contains((byte)c) : labels[pixel] == c, Bit(geometry, bitmaps, c, pixel)));
        }
    }

    private static bool Bit(MaskGeometry geometry, uint[] planes, int plane, int pixel)
    {
        (int y, int x) = Math.DivRem(pixel, geometry.OutputWidth);
        return (planes[(((plane * geometry.OutputHeight) + y) * MaskMerge.WordsPerRow(geometry.OutputWidth)) + (x / 32)] >> (x & 31) & 1) != 0;
    }

    private static uint[] Bitmaps(MaskGeometry geometry, byte[] labels, int words)
    {
        uint[] bitmaps = new uint[3 * geometry.OutputHeight * words];
        for (int i = 0; i < labels.Length; i++)
        {
            (int y, int x) = Math.DivRem(i, geometry.OutputWidth);
            if (labels[i] < 3)
            {
                bitmaps[(((labels[i] * geometry.OutputHeight) + y) * words) + (x / 32)] |= 1u << (x % 32);
            }
        }

        return bitmaps;
    }
}
