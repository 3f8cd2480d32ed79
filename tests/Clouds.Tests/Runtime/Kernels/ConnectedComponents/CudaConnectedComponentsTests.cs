using Clouds.Emulator;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Emulated)]
public class CudaConnectedComponentsTests
{
    private static readonly int[] Widths = [1, 31, 33, 127, 128, 129, 1000];
    private static readonly int[] Heights = [1, 15, 17];

    public static TheoryData<string> Kinds =>
    [
        "street", "rough", "speckle", "spiral", "comb", "upper comb", "snake", "diagonals", "one class", "all ignored", "all different", "checkerboard",
        .. Enumerable.Range(1, 9).Select(tenth => $"{10 * tenth}"),
    ];

    [NvrtcTheory]
    [MemberData(nameof(Kinds))]
    public void Run_AnySchedule_EqualsAFloodFill(string kind)
    {
        byte[] map = ClassMaps.Make(kind, 34, 260);
        for (ulong seed = 1; seed <= 20; seed++)
        {
            ComponentRule rule = new(seed % 2 == 0 ? Connectivity.Eight : Connectivity.Four, (int)(seed % 3) * 4, seed % 5 == 0 ? [3, 10] : null);
            Check(map, 34, 260, rule, new EmulatorSettings { Seed = seed, ResidentBlocks = 1 + (int)(seed % 7), DetectRaces = seed <= 3 });
        }
    }

    [NvrtcTheory]
    [MemberData(nameof(Kinds))]
    public void Run_WidthsAndHeightsAtTheTilesEdges_EqualAFloodFill(string kind)
    {
        foreach (int width in Widths)
        {
            foreach (int height in Heights)
            {
                byte[] map = ClassMaps.Make(kind, height, width);
                Check(map, height, width, new ComponentRule(Connectivity.Four), new EmulatorSettings { Seed = (ulong)width });
                Check(map, height, width, new ComponentRule(Connectivity.Eight), new EmulatorSettings { Seed = (ulong)height });
            }
        }
    }

    [NvrtcTheory]
    [MemberData(nameof(Kinds))]
    public void Run_HalfAMegapixel_EqualsAFloodFill(string kind)
    {
        // Odd sizes, so that rows, tiles and the segments of the table's sort all end inside words. The dense noise has up to 70,000 components.
        byte[] map = ClassMaps.Make(kind, 511, 1023);
        Check(map, 511, 1023, new ComponentRule(kind.Length % 2 == 0 ? Connectivity.Four : Connectivity.Eight), new EmulatorSettings());
    }

    [NvrtcTheory]
    [InlineData("checkerboard")]
    [InlineData("all different")]
    public void Run_EveryPixelAComponent_FitsTheTable(string kind)
    {
        const int Pixels = 120 * 300;
        byte[] map = ClassMaps.Make(kind, 120, 300);
        Labelled found = Label(map, 120, 300, new ComponentRule(), new EmulatorSettings());
        Assert.Equal(Pixels, found.Tables[0].Length);
        Check(map, 120, 300, new ComponentRule(), new EmulatorSettings { Seed = 2, DetectRaces = true });
    }

    [NvrtcTheory]
    [InlineData(2047)]
    [InlineData(2048)]
    [InlineData(2049)]
    public void Run_CapacityWhereTheTablesWayChanges_GivesTheSameRows(int pixels)
    {
        byte[] map = ClassMaps.Make("checkerboard", 1, pixels);
        Check(map, 1, pixels, new ComponentRule(), new EmulatorSettings { Seed = 3, DetectRaces = true });
    }

    [Theory]
    [InlineData(0, 10, 10)]
    [InlineData(65_536, 10, 10)]
    [InlineData(1, 524_281, 1)]
    [InlineData(1, 32_768, 65_536)]
    public void Constructor_SizesThatNoLaunchCanHave_AreRefused(int images, int height, int width)
    {
        using EmulatedGpu gpu = new();
        ArgumentException refusal =
            Assert.Throws<ArgumentException>(() => new CudaConnectedComponents(gpu.Kernels, gpu.Stream, images, height, width, new ComponentRule()));
        Assert.Contains($"{images} maps of {height} x {width}", refusal.Message);
    }

    [Fact]
    public void Plan_TallestMap_HasALaunchForEveryPass()
    {
        (LaunchPlan tile, _, _, LaunchPlan labels) = CudaConnectedComponents.Plan(1, 8 * 65_535, 1);
        Assert.Equal(32_768u, tile.GridY);
        Assert.Equal(65_535u, labels.GridY);
    }

    [NvrtcTheory]
    [InlineData(0)]
    [InlineData(5)]
    public void Run_Batch_LabelsEachMapByItself(int largerThan)
    {
        byte[][] maps = [ClassMaps.Make("street", 40, 150), ClassMaps.Make("60", 40, 150), ClassMaps.Make("spiral", 40, 150)];
        Labelled found = Label([.. maps.SelectMany(map => map)], 40, 150, new ComponentRule(LargerThan: largerThan), new EmulatorSettings(), images: 3);
        for (int i = 0; i < maps.Length; i++)
        {
            (Component[] table, int[] labels) = FloodFill.Run(maps[i], 40, 150, new ComponentRule(LargerThan: largerThan));
            Assert.Equal(table, found.Tables[i]);
            Assert.Equal(labels, found.Labels.AsSpan(i * 6000, 6000).ToArray());
        }
    }

    private static void Check(byte[] map, int height, int width, ComponentRule rule, EmulatorSettings settings)
    {
        (Component[] table, int[] labels) = FloodFill.Run(map, height, width, rule);
        Labelled found = Label(map, height, width, rule, settings);
        Assert.True(table.AsSpan().SequenceEqual(found.Tables[0]), $"table of {height} x {width}, {rule}");
        Assert.True(labels.AsSpan().SequenceEqual(found.Labels), $"labels of {height} x {width}, {rule}");
    }

    private static Labelled Label(byte[] map, int height, int width, ComponentRule rule, EmulatorSettings settings, int images = 1)
    {
        using EmulatedGpu gpu = new(settings);
        using DeviceBuffer<byte> classes = gpu.Upload<byte>(map);
        using DeviceBuffer<int> labels = gpu.Context.Allocate<int>(map.Length);
        using CudaConnectedComponents components = new(gpu.Kernels, gpu.Stream, images, height, width, rule);
        components.Run(gpu.Stream, classes.Span, labels.Span);
        return new Labelled(components.Read(gpu.Stream), gpu.Download(labels));
    }

    private sealed record Labelled(Component[][] Tables, int[] Labels);
}
