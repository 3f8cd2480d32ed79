using Clouds.Emulator;
using Clouds.Graph.Diagnostics;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Cuda;

[Collection(EmulatedDriverCollection.Name)]
public class ConnectedComponentsTests
{
    [NvrtcTheory]
    [InlineData("street", 64, 256, 20)]
    [InlineData("speckle", 64, 256, 0)]
    [InlineData("spiral", 65, 129, 0)]
    [InlineData("comb", 48, 131, 0)]
    [InlineData("upper comb", 48, 128, 0)]
    [InlineData("snake", 49, 160, 0)]
    [InlineData("diagonals", 40, 140, 3)]
    [InlineData("one class", 33, 300, 0)]
    [InlineData("all ignored", 17, 130, 0)]
    [InlineData("checkerboard", 20, 132, 0)]
    [InlineData("10", 32, 256, 0)]
    [InlineData("30", 32, 256, 0)]
    [InlineData("50", 32, 256, 2)]
    [InlineData("60", 32, 257, 0)]
    [InlineData("70", 32, 256, 0)]
    [InlineData("90", 32, 256, 0)]
    [InlineData("50", 15, 1, 0)]
    [InlineData("50", 1, 31, 0)]
    [InlineData("50", 16, 33, 0)]
    [InlineData("50", 17, 127, 0)]
    [InlineData("street", 18, 1000, 0)]
    public void Run_AnySchedule_EqualsAFloodFill(string kind, int height, int width, int largerThan)
    {
        byte[] map = ClassMaps.Make(kind, height, width);
        for (ulong seed = 1; seed <= 20; seed++)
        {
            ComponentRule rule = new(seed % 2 == 0 ? Connectivity.Eight : Connectivity.Four, largerThan, seed % 5 == 0 ? [3, 10] : null);
            (Component[] table, int[] labels) = FloodFill.Run(map, height, width, rule);
            EmulatorSettings settings = new() { Seed = seed, ResidentBlocks = 1 + (int)(seed % 7), DetectRaces = seed <= 4 };
            Labelled found = Label(map, height, width, rule, settings);
            Assert.Equal(table, found.Tables[0]);
            Assert.Equal(labels, found.Labels);
        }
    }

    [NvrtcFact]
    public void Run_Batch_LabelsEachMapByItself()
    {
        byte[][] maps = [ClassMaps.Make("street", 40, 150), ClassMaps.Make("60", 40, 150), ClassMaps.Make("spiral", 40, 150)];
        Labelled found = Label([.. maps.SelectMany(map => map)], 40, 150, new ComponentRule(LargerThan: 5), new EmulatorSettings(), images: 3);
        for (int i = 0; i < maps.Length; i++)
        {
            (Component[] table, int[] labels) = FloodFill.Run(maps[i], 40, 150, new ComponentRule(LargerThan: 5));
            Assert.Equal(table, found.Tables[i]);
            Assert.Equal(labels, found.Labels.AsSpan(i * 6000, 6000).ToArray());
        }
    }

    [NvrtcTheory]
    [InlineData("components_tile", 0)]
    [InlineData("components_tile", 1)]
    [InlineData("components_tile", 2)]
    [InlineData("components_tile", 3)]
    [InlineData("components_tile", 4)]
    public void Run_BarrierDeleted_IsCaught(string kernel, int barrier) => Caught(ptx => Mutant.WithoutBarrier(ptx, kernel, barrier));

    [NvrtcTheory]
    [InlineData("components_tile", "shared", "min", "u32")]
    [InlineData("components_tile", "shared", "add", "u32")]
    [InlineData("components_tile", "shared", "max", "u32")]
    [InlineData("components_seams", "global", "min", "u32")]
    [InlineData("components_resolve", "global", "add", "u32")]
    public void Run_AtomicWeakened_IsCaught(string kernel, string space, string operation, string type)
        => Caught(ptx => Mutant.Weakened(ptx, kernel, space, operation, type));

    private static void Caught(Func<string, string> mutate)
    {
        byte[] map = ClassMaps.Make("60", 64, 256);
        ComponentRule rule = new();
        (Component[] table, _) = FloodFill.Run(map, 64, 256, rule);
        EmulatorSettings settings = new() { DetectRaces = true };
        try
        {
            Labelled found = Label(map, 64, 256, rule, settings, mutate: mutate);
            Assert.NotEqual(table, found.Tables[0]);
        }
        catch (CloudsException failure)
        {
            Assert.Equal(Failure.Device, failure.Failure);
        }
    }

    private static Labelled Label(byte[] map, int height, int width, ComponentRule rule, EmulatorSettings settings, int images = 1, Func<string, string>? mutate = null)
    {
        using EmulatedGpu gpu = new(settings, mutate);
        using DeviceBuffer<byte> classes = gpu.Upload<byte>(map);
        using DeviceBuffer<int> labels = gpu.Context.Allocate<int>(map.Length);
        using CudaConnectedComponents components = new(gpu.Kernels, gpu.Stream, images, height, width, rule);
        components.Run(gpu.Stream, classes.Span, labels.Span);
        return new Labelled(components.Read(gpu.Stream), gpu.Download(labels));
    }

    private sealed record Labelled(Component[][] Tables, int[] Labels);
}
