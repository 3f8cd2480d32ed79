using Clouds.Diagnostics;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Kernels;
using Clouds.Tests.Runtime;

namespace Clouds.Tests.Native.Segmentation;

/// <summary>What inference on a GPU had taken is given back when it cannot have the rest.</summary>
[Kind(TestKind.Emulated)]
public sealed class InferenceOwnershipTests
{
    private static readonly Dictionary<string, Func<EmulatedGpu, IDisposable>> Makers = new()
    {
        ["slot"] = gpu => new InferenceSlot(gpu.Context, 100),
        ["labels of another size"] = gpu => new LabelsOnDevice(gpu.Gpu, new SemanticShape(10, 19, 8, 8, 32, 32, 30, 32), 60, 64),
    };

    public static TheoryData<string> Names => [.. Makers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Constructor_AnyCallFails_GivesBackWhatItHad(string name)
    {
        using EmulatedGpu gpu = new();
        Makers[name](gpu).Dispose();
        Dictionary<string, int> calls = new(gpu.State.Calls);
        int handles = gpu.State.OpenHandles;
        foreach (string call in new[] { "cuMemAlloc_v2", "cuMemHostAlloc", "cuEventCreate" }.Where(calls.ContainsKey))
        {
            for (int ordinal = 1; ordinal <= calls[call]; ordinal++)
            {
                (string, int) failing = (call, gpu.State.Calls[call] + ordinal);
                gpu.State.SingleFailures[failing] = 2;
                Assert.Contains(call, Assert.Throws<CloudsException>(() => Makers[name](gpu)).Where);
                gpu.State.SingleFailures.Remove(failing);
                Assert.Equal((0, 0, handles), (gpu.Context.OpenBuffers, gpu.State.Device.MemoryUsed, gpu.State.OpenHandles));
            }
        }
    }
}
