using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Tests.Runtime.Compilation;

[Kind(TestKind.Emulated)]
public class CudaKernelsTests
{
    [NvrtcFact]
    public void Kernel_OfTheSameNameInTwoFiles_IsEachFilesOwn()
    {
        using EmulatedGpu gpu = new(mutate: ptx => Storing(ptx.Contains(".entry ema(", StringComparison.Ordinal) ? 1 : 2));
        Assert.Equal(1, Result(gpu, gpu.Kernels["ema.cu", "store"]));
        Assert.Equal(2, Result(gpu, gpu.Kernels["row_width.cu", "store"]));
        Assert.Equal(1, Result(gpu, gpu.Kernels["ema.cu", "store"]));
    }

    [NvrtcFact]
    public void Kernel_AskedForTwice_IsLoadedOnce()
    {
        using EmulatedGpu gpu = new();
        CudaFunction first = gpu.Kernels["ema.cu", "ema"];
        int loads = gpu.State.Calls["cuModuleLoadDataEx"];
        Assert.Same(first, gpu.Kernels["ema.cu", "ema"]);
        Assert.Equal(loads, gpu.State.Calls["cuModuleLoadDataEx"]);
    }

    private static int Result(EmulatedGpu gpu, CudaFunction kernel)
    {
        using DeviceBuffer<int> target = gpu.Upload<int>([0]);
        KernelArguments arguments = default;
        arguments.Add(target.Span);
        gpu.Stream.Launch(kernel, new LaunchPlan(1, 32), ref arguments);
        return gpu.Download(target)[0];
    }

    private static string Storing(int number) => $$"""
        .version 7.8
        .target sm_80
        .address_size 64
        .visible .entry store(.param .u64 store_param_0)
        {
            .reg .b32 %r<2>; .reg .b64 %rd<3>;
            ld.param.u64 %rd1, [store_param_0];
            cvta.to.global.u64 %rd2, %rd1;
            mov.u32 %r1, {{number}};
            st.global.u32 [%rd2], %r1;
            ret;
        }
        """;
}
