using Clouds.Tests.Runtime;
using Microsoft.ML.OnnxRuntime;

namespace Clouds.Tests.Cuda;

/// <summary>What ONNX Runtime does with bound buffers on its CUDA provider: the facts that our sessions are built on.</summary>
[Kind(TestKind.Gpu)]
[Collection(CudaStandIn.Collection)]
public class StaleInputTests
{
    private static readonly byte[] Model = new TinyModel().Input("x", 4).Output("y", 4).Node("Identity", ["x"], ["y"]).ToBytes();

    [CudaFact]
    public void RunWithBinding_HostArrayRewrittenAfterTheBinding_StillSeesTheOldValues()
    {
        using SessionOptions options = new() { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL };
        using OrtCUDAProviderOptions cuda = new();
        options.AppendExecutionProvider_CUDA(cuda);
        using InferenceSession session = new(Model, options);
        using OrtIoBinding binding = session.CreateIoBinding();
        float[] x = [1, 2, 3, 4], y = new float[4];
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, x.AsMemory(), [4]);
        using OrtValue output = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, y.AsMemory(), [4]);
        binding.BindInput("x", input);
        binding.BindOutput("y", output);
        float[] Rewritten(params float[] values)
        {
            values.CopyTo(x, 0);
            binding.SynchronizeBoundInputs();
            using RunOptions run = new();
            session.RunWithBinding(run, binding);
            binding.SynchronizeBoundOutputs();
            return [.. y];
        }

        Assert.Equal([1, 2, 3, 4], Rewritten(10, 20, 30, 40));
        binding.BindInput("x", input);
        Assert.Equal([10, 20, 30, 40], Rewritten(5, 6, 7, 8));
    }
}
