using Clouds.Emulator;
using Clouds.Emulator.Execution;
using Clouds.Emulator.Ptx;

namespace Clouds.Tests.Emulator;

/// <summary>Runs hand-written PTX: one kernel "k(out)" whose thread i stores what it computed at element i.</summary>
internal static class PtxRun
{
    private const string Header = """
        .version 7.8
        .target sm_80
        .address_size 64
        """;

    /// <summary>A kernel with registers %r, %rd, %f, %fd, %rs and %p; %rd1 is the address of the thread's 8-byte element.</summary>
    public static string Kernel(string body, string shared = "") => $$"""
        {{Header}}
        .visible .entry k(
            .param .u64 k_param_0
        )
        {
            .reg .pred %p<10>; .reg .b16 %rs<10>; .reg .b32 %r<20>; .reg .b64 %rd<20>; .reg .f32 %f<20>; .reg .f64 %fd<10>;
            {{shared}}
            ld.param.u64 %rd2, [k_param_0];
            cvta.to.global.u64 %rd3, %rd2;
            mov.u32 %r1, %tid.x; mov.u32 %r2, %ctaid.x; mov.u32 %r3, %ntid.x;
            mad.lo.s32 %r4, %r2, %r3, %r1;
            mul.wide.u32 %rd4, %r4, 8;
            add.s64 %rd1, %rd3, %rd4;
            {{body}}
            ret;
        }
        """;

    /// <summary>Runs and returns the elements.</summary>
    public static ulong[] Run(string ptx, int blocks = 1, int threads = 32, EmulatorSettings? settings = null, ulong[]? before = null)
    {
        using EmulatedDevice device = new(settings);
        return Run(device, ptx, blocks, threads, before);
    }

    /// <summary>The same on a given device, for its counters.</summary>
    public static ulong[] Run(EmulatedDevice device, string ptx, int blocks = 1, int threads = 32, ulong[]? before = null)
    {
        KernelCode kernel = device.Load(ptx).Kernels["k"];
        ulong[] values = before ?? new ulong[blocks * threads];
        ulong address = device.Allocate(8 * values.Length);
        device.Write<ulong>(address, values);
        device.Launch(kernel, new LaunchGeometry(new Dim3(blocks), new Dim3(threads)), BitConverter.GetBytes(address));
        device.Read<ulong>(address, values);
        return values;
    }

    /// <summary>One thread's result.</summary>
    public static ulong One(string body) => Run(Kernel(body), threads: 1)[0];

    /// <summary>The fault that a kernel ends in.</summary>
    public static FaultKind Fault(string ptx, int blocks = 1, int threads = 32, EmulatorSettings? settings = null)
        => Assert.Throws<EmulatorFault>(() => Run(ptx, blocks, threads, settings)).Kind;
}
