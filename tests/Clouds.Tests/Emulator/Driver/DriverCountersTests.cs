using Clouds.Emulator;
using Clouds.Emulator.Driver;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Native;

namespace Clouds.Tests.Emulator.Driver;

[Kind(TestKind.Emulated)]
public class DriverCountersTests
{
    private const string Faulty = ".version 7.8\n.target sm_80\n.address_size 64\n.visible .entry k()\n{\n trap;\n}\n";

    [Fact]
    public void Counters_CopiesOfEveryDirection_AreCountedWithTheirBytes()
    {
        using DriverState state = new();
        using CudaContext context = Open(state);
        using CudaStream stream = CudaStream.Create(context);
        using DeviceBuffer<byte> first = context.Allocate<byte>(100), second = context.Allocate<byte>(100);
        stream.Upload<byte>(new byte[100], first.Span);
        stream.Upload<byte>(new byte[30], first.Span.Slice(0, 30));
        stream.Copy(first.Span, second.Span);
        stream.Download(second.Span.Slice(0, 8), new byte[8]);
        DriverCounters counters = state.Counters;
        Assert.Equal((2, 130), (counters.Uploads, counters.UploadedBytes));
        Assert.Equal((1, 8), (counters.Downloads, counters.DownloadedBytes));
        Assert.Equal((1, 100), (counters.InnerCopies, counters.InnerBytes));
    }

    [Fact]
    public void Counters_Reset_CountFromZeroAndFromWhatIsOpen()
    {
        using DriverState state = new();
        using CudaContext context = Open(state);
        using CudaStream stream = CudaStream.Create(context);
        using DeviceBuffer<byte> kept = context.Allocate<byte>(100);
        context.Allocate<byte>(900).Dispose();
        stream.Upload<byte>(new byte[100], kept.Span);
        Assert.Equal((1, 100, 1000), Memory(state));
        state.ResetCounters();
        Assert.Equal(0, state.Counters.Uploads);
        Assert.Equal((1, 100, 100), Memory(state));
    }

    [Fact]
    public void CountOnly_LaunchFillAndInnerCopy_AreCountedAndNotDone()
    {
        using DriverState state = new(new EmulatorSettings { CountOnly = true });
        using CudaContext context = Open(state);
        using CudaStream stream = CudaStream.Create(context);
        using CudaModule module = CudaModule.Load(context, "k.cu", [], Faulty);
        using DeviceBuffer<byte> first = context.Allocate<byte>(4), second = context.Allocate<byte>(4);
        stream.Upload<byte>([1, 2, 3, 4], first.Span);
        stream.Copy(first.Span, second.Span);
        stream.Fill(first.Span, 9);
        KernelArguments none = new();
        stream.Launch(module.Function("k"), new LaunchPlan(1, 32), ref none);
        stream.Synchronise();
        byte[] found = new byte[8];
        stream.Download(first.Span, found.AsSpan(0, 4));
        stream.Download(second.Span, found.AsSpan(4));
        Assert.Equal([1, 2, 3, 4, 0, 0, 0, 0], found);
        Assert.Equal((1, 1), (state.Counters.InnerCopies, state.Counters.Launches));
        Assert.Null(state.LastFault);
    }

    private static (long Count, long Bytes, long Peak) Memory(DriverState state)
        => (state.Counters.OpenAllocations, state.Counters.OpenBytes, state.Counters.PeakBytes);

    private static CudaContext Open(DriverState state) => CudaContext.Open(CudaDriver.Over(state.EntryPoint, "the emulated driver"));
}
