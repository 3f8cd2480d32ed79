using Clouds.Emulator;
using Clouds.Graph.Randomness;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Emulated)]
public class CudaComponentPointsTests
{
    private const int Height = 40;
    private const int Width = 200;

    [NvrtcTheory]
    [InlineData("street", 5, 1)]
    [InlineData("street", 32, 1)]
    [InlineData("street", 50, 1)]
    [InlineData("one class", 64, 3)]
    [InlineData("speckle", 3, 1)]
    [InlineData("60", 7, 1)]
    [InlineData("street", 5, 3)]
    [InlineData("one class", 8, 5)]
    public void Run_AnySeed_GivesThePointsOfThePlainLoop(string kind, int count, int erosion)
    {
        byte[] map = ClassMaps.Make(kind, Height, Width);
        (Component[] table, int[] labels) = FloodFill.Run(map, Height, Width, new ComponentRule());
        for (ulong seed = 1; seed <= 20; seed++)
        {
            EmulatorSettings settings = new() { Seed = seed, DetectRaces = seed <= 2 };
            (float[] points, int[] counts) = Draw(map, Height, Width, count, seed << 31, (uint)seed, erosion, settings);
            Plain plain = new(table, labels, Height, Width, erosion / 2, seed << 31, (uint)seed);
            Assert.Equal(table.SelectMany(row => plain.Draw(row, count)), points);
            Assert.Equal(table.Select(row => plain.Qualifies(row, count) ? count : 0), counts);
        }
    }

    [NvrtcFact]
    public void Run_ThinComponent_DrawsRanks()
    {
        // Two thin lines and a block in which a window of 3 x 3 fits at 9 pixels: of 131,072 candidates in the box few meet one of them.
        const int Side = 400;
        byte[] map = ClassMaps.Make("frame", Side, Side);
        (Component[] table, int[] labels) = FloodFill.Run(map, Side, Side, new ComponentRule());
        (float[] points, int[] counts) = Draw(map, Side, Side, 9, 77, 0, 3, new EmulatorSettings());
        Plain plain = new(table, labels, Side, Side, 1, 77, 0);
        Assert.Equal(plain.Draw(Assert.Single(table), 9), points);
        Assert.True(plain.NeededRanks);
        Assert.Equal([9], counts);
        Assert.Equal(9, points.Chunk(2).Select(point => (point[0], point[1])).Distinct().Count());
    }

    [NvrtcFact]
    public void Run_ThinComponentAndMorePointsThanLanes_DrawsRanks()
    {
        // A window of 3 x 3 fits at 49 pixels of a box of 160,000.
        const int Side = 400;
        byte[] map = [.. Enumerable.Range(0, Side * Side).Select(i => (byte)(i < Side || i % Side == 0 || (i / Side < 9 && i % Side >= Side - 9) ? 4 : 255))];
        (Component[] table, int[] labels) = FloodFill.Run(map, Side, Side, new ComponentRule());
        (float[] points, int[] counts) = Draw(map, Side, Side, 45, 77, 0, 3, new EmulatorSettings { DetectRaces = true });
        Plain plain = new(table, labels, Side, Side, 1, 77, 0);
        Assert.Equal(plain.Draw(Assert.Single(table), 45), points);
        Assert.True(plain.NeededRanks);
        Assert.Equal([45], counts);
        Assert.Equal(45, points.Chunk(2).Select(point => (point[0], point[1])).Distinct().Count());
    }

    private static (float[] Points, int[] Counts) Draw(
        byte[] map, int height, int width, int count, ulong seed, uint image, int erosion, EmulatorSettings settings)
    {
        using EmulatedGpu gpu = new(settings);
        using DeviceBuffer<byte> classes = gpu.Upload<byte>(map);
        using CudaConnectedComponents components = new(gpu.Kernels, gpu.Stream, 1, height, width, new ComponentRule());
        components.Run(gpu.Stream, classes.Span);
        int rows = components.Read(gpu.Stream)[0].Length;
        using DeviceBuffer<float> points = gpu.Context.Allocate<float>(2L * rows * count);
        using DeviceBuffer<int> counts = gpu.Context.Allocate<int>(rows);
        CudaComponentPoints.Run(gpu.Kernels, gpu.Stream, components, 0, rows, count, seed, image, points.Span, counts.Span, erosion);
        return (gpu.Download(points), gpu.Download(counts));
    }

    /// <summary>The rule of the kernel's card, one candidate after the other.</summary>
    private sealed class Plain(Component[] table, int[] labels, int height, int width, int radius, ulong seed, uint image)
    {
        private const uint Candidates = 4096 * 32;

        public bool NeededRanks { get; private set; }

        public bool Qualifies(Component row, int count) => Pixels(row).Count >= count;

        public float[] Draw(Component row, int count)
        {
            List<(int X, int Y)> taken = [];
            bool enough = Qualifies(row, count);
            for (uint i = 0; enough && i < Candidates && taken.Count < count; i++)
            {
                (uint r0, uint r1) = Random(i, row);
                (int X, int Y) pixel = (row.X0 + Scale(r0, row.X1 - row.X0 + 1), row.Y0 + Scale(r1, row.Y1 - row.Y0 + 1));
                if (Belongs(row, pixel.X, pixel.Y) && !taken.Contains(pixel))
                {
                    taken.Add(pixel);
                }
            }

            taken = enough && taken.Count < count ? Ranks(row, count) : taken;
            return taken.Count == 0 ? new float[2 * count] : [.. taken.SelectMany(pixel => new float[] { pixel.X, pixel.Y })];
        }

        private static int Scale(uint random, int range) => (int)(((ulong)random * (uint)range) >> 32);

        private List<(int X, int Y)> Ranks(Component row, int count)
        {
            NeededRanks = true;
            List<(int X, int Y)> free = Pixels(row);
            List<(int X, int Y)> result = [];
            for (int j = 0; j < count; j++)
            {
                int rank = Scale(Random(Candidates + (uint)j, row).First, free.Count);
                result.Add(free[rank]);
                free.RemoveAt(rank);
            }

            return result;
        }

        private List<(int X, int Y)> Pixels(Component row)
        {
            List<(int X, int Y)> result = [];
            for (int i = row.Y0 * width; i < (row.Y1 + 1) * width; i++)
            {
                if (Owns(row, i) && Belongs(row, i % width, i / width))
                {
                    result.Add((i % width, i / width));
                }
            }

            return result;
        }

        private bool Belongs(Component row, int x, int y)
        {
            for (int v = y - radius; v <= y + radius; v++)
            {
                for (int u = x - radius; u <= x + radius; u++)
                {
                    if (u < 0 || v < 0 || u >= width || v >= height || !Owns(row, (v * width) + u))
                    {
                        return false;
                    }
                }
            }

            return true;
        }

        private bool Owns(Component row, int pixel) => labels[pixel] >= 0 && table[labels[pixel]] == row;

        private (uint First, uint Second) Random(uint number, Component row)
        {
            Span<uint> block = [number, (uint)row.FirstPixel, image, 0];
            RandomStream.Philox(block, (uint)seed, (uint)(seed >> 32));
            return (block[0], block[1]);
        }
    }
}
