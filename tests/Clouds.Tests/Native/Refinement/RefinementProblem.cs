using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Native.Refinement;

namespace Clouds.Tests.Native.Refinement;

/// <summary>A seeded label map with options and masks, and comparisons of what comes out of them.</summary>
internal sealed class RefinementProblem
{
    private static readonly MaskFrame[] Frames = [new(8, 8, 16, 16, 16, 12), new(6, 9, 24, 18, 20, 18), new(4, 4, 4, 4, 4, 4), new(16, 16, 64, 64, 48, 64)];

    public RefinementProblem(ulong seed, int largest = 26)
    {
        RandomStream random = new(seed, "refinement problem");
        (Height, Width) = (1 + random.NextInt32(largest), 1 + random.NextInt32(largest));
        Map = new byte[Height * Width];
        int classes = 1 + random.NextInt32(5);
        byte[] ids = [.. Enumerable.Range(0, classes).Select(_ => (byte)random.NextInt32(20))];
        int boxes = random.NextInt32(14);
        Array.Fill(Map, random.NextBoolean() ? (byte)255 : ids[0]);
        for (int box = 0; box < boxes; box++)
        {
            Paint(random, random.NextInt32(6) == 0 ? (byte)255 : ids[random.NextInt32(classes)]);
        }

        Frame = Frames[random.NextInt32(Frames.Length)];
        Seed = new PointSeed(seed, random.NextInt32(3), random.NextInt32(3));
        Options = Draw(random);
    }

    public int Height { get; }

    public int Width { get; }

    public byte[] Map { get; }

    public MaskFrame Frame { get; }

    public PointSeed Seed { get; }

    public RefinementOptions Options { get; init; }

    public RgbImage Image => new(Width, Height);

    public LabelMap Labels => new(Width, Height, Array.ConvertAll(Map, id => (ushort)id));

    /// <summary>What the refiner makes of it.</summary>
    public RefinementResult Refine(StandInMasks masks, int threads)
    {
        using PseudoLabelRefiner refiner = new(masks, Options, threads);
        return refiner.Refine(Image, Labels, Seed, keepMasks: true);
    }

    public static void AssertSame(RefinementOracle want, RefinementResult got)
    {
        Assert.Equal(want.IsUnrefined, got.IsUnrefined);
        Assert.Equal(want.Conflicts, got.Conflicts);
        Assert.Equal(want.Map.Select(id => (ushort)id), got.Map.Ids);
        Assert.Equal(want.Classes.Select(target => target.Class), got.Classes.Select(target => target.Class));
        Assert.All(want.Classes.Zip(got.Classes), pair => Assert.Equal(pair.First.Mask, Pixels(pair.Second.Mask)));
        Assert.Equal(want.Components.Length, got.Components.Count);
        for (int i = 0; i < want.Components.Length; i++)
        {
            AssertSame(want.Components[i], got.Components[i], i);
        }
    }

    /// <summary>All of a result in one text, for comparisons.</summary>
    public static string Told(RefinementResult result)
    {
        IEnumerable<string> components = result.Components.Select(component => $"{component.Number} {component.Class} {component.Area} {component.FirstPixel} "
            + $"{component.Fate} {string.Join(',', component.Points)} {string.Join(',', component.Scores)} {component.Chosen} {component.MaskClass} "
            + $"{component.MaskArea} {component.Conflicts} {string.Join(' ', component.Masks.Select(mask => Bits(Pixels(mask))))}");
        IEnumerable<string> classes = result.Classes.Select(target => $"{target.Class} {target.Mask.Area} {Bits(Pixels(target.Mask))}");
        return string.Join('\n', [string.Join(',', result.Map.Ids), $"{result.IsUnrefined} {result.Conflicts}", .. classes, .. components]);
    }

    public static bool[] Pixels(PixelMask mask)
        => [.. Enumerable.Range(0, mask.Width * mask.Height).Select(pixel => mask.Contains(pixel % mask.Width, pixel / mask.Width))];

    private static string Bits(bool[] pixels) => string.Concat(pixels.Select(pixel => pixel ? '1' : '0'));

    private static void AssertSame(OracleComponent want, RefinedComponent got, int number)
    {
        Assert.Equal(
            (number, want.Component.Class, want.Component.Area, want.Component.X0, want.Component.Y0, want.Component.Width, want.Component.Height),
            (got.Number, got.Class, got.Area, got.X, got.Y, got.Width, got.Height));
        Assert.Equal((want.Component.FirstPixel, want.Fate, want.Chosen, want.MaskClass), (got.FirstPixel, got.Fate, got.Chosen, got.MaskClass));
        Assert.Equal(want.Points, got.Points);
        Assert.Equal(want.Scores, got.Scores);
        Assert.Equal((want.Mask?.Count(covered => covered) ?? 0, want.Conflicts), (got.MaskArea, got.Conflicts));
        Assert.Equal(want.Mask, got.Mask is null ? null : Pixels(got.Mask));
        Assert.Equal(want.Masks, got.Masks.Select(Pixels));
    }

    private static RefinementOptions Draw(RandomStream random) => new()
    {
        SizeThreshold = random.NextInt32(3) == 0 ? 0 : random.NextInt32(30),
        Points = 1 + random.NextInt32(6),
        Selection = (PointSelection)random.NextInt32(2),
        Erosion = random.NextInt32(3) == 0,
        ErosionSize = 1 + (2 * random.NextInt32(3)),
        SecondPass = random.NextInt32(3) == 0,
        Overlap = (OverlapRule)random.NextInt32(3),
        Connectivity = random.NextBoolean() ? Neighbours.Four : Neighbours.Eight,
        DropEmpty = random.NextBoolean(),
        EmulateCountBug = random.NextInt32(3) == 0,
        PromptsAtOnce = 1 + random.NextInt32(5),
        ListDropped = random.NextInt32(4) != 0,
    };

    private void Paint(RandomStream random, byte id)
    {
        (int x0, int y0) = (random.NextInt32(Width), random.NextInt32(Height));
        (int x1, int y1) = (Math.Min(Width, x0 + 1 + random.NextInt32(Width)), Math.Min(Height, y0 + 1 + random.NextInt32(Height)));
        bool speckled = random.NextInt32(4) == 0;
        for (int y = y0; y < y1; y++)
        {
            for (int x = x0; x < x1; x++)
            {
                Map[(y * Width) + x] = !speckled || random.NextBoolean() ? id : Map[(y * Width) + x];
            }
        }
    }
}
