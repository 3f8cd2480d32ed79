using Clouds.Emulator;
using Clouds.Emulator.Execution;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Emulated)]
public class ConnectedComponentsBudgetTests
{
    private const int Height = 512;
    private const int Width = 1024;

    [NvrtcFact]
    public void Run_CleanStreet_StaysWithinItsBytesAndInstructions()
    {
        using EmulatedGpu gpu = Label("street", out double bytes);
        LaunchCounters tile = gpu.Count("components_tile");

        // Issue 3 asks for 6.5 bytes of sectors and 4.0 warp instructions of the first pass a pixel; measured 3.08 and 3.65.
        Assert.True(bytes <= 3.4, Report(gpu, bytes));
        Assert.True(tile.WarpInstructions <= 4.0 * Height * Width, Report(gpu, bytes));
    }

    [NvrtcFact]
    public void Run_BankPasses_StayNearTheRequests()
    {
        using EmulatedGpu gpu = Label("speckle", out double bytes);
        LaunchCounters tile = gpu.Count("components_tile");

        // Only run starts have slots, so neighbouring lanes rarely meet in a bank: measured 1.08.
        Assert.True(tile.BankPasses <= 1.1 * tile.SharedRequests, Report(gpu, bytes));
    }

    private static EmulatedGpu Label(string kind, out double bytesPerPixel)
    {
        EmulatedGpu gpu = new();
        byte[] map = ClassMaps.Make(kind, Height, Width);
        using DeviceBuffer<byte> classes = gpu.Upload<byte>(map);
        using DeviceBuffer<int> labels = gpu.Context.Allocate<int>(map.Length);
        using CudaConnectedComponents components = new(gpu.Kernels, gpu.Stream, 1, Height, Width, new ComponentRule(LargerThan: 5000));
        components.Run(gpu.Stream, classes.Span, labels.Span);
        components.Read(gpu.Stream);
        bytesPerPixel = gpu.State.Device.Counters.Values.Where(kernel => kernel.Kernel != "components_labels")
            .Sum(kernel => kernel.SectorBytes) / (double)map.Length;
        return gpu;
    }

    private static string Report(EmulatedGpu gpu, double bytes)
        => $"{bytes:F2} B/pixel; " + string.Join("; ", gpu.State.Device.Counters.Values.Select(kernel =>
            $"{kernel.Kernel}: {kernel.SectorBytes / (double)(Height * Width):F3} B, "
            + $"{kernel.WarpInstructions / (double)(Height * Width):F3} warp instructions, "
            + $"{kernel.BankPasses} passes of {kernel.SharedRequests}, {kernel.Atomics} atomics"));
}
