using System.Runtime.Intrinsics;
using Clouds.Runtime.CustomOps;
using Microsoft.ML.OnnxRuntime;

namespace Clouds.Runtime.Sessions;

/// <summary>What this machine's runtime is.</summary>
/// <param name="OnnxRuntimeVersion">For instance 1.31.0.</param>
/// <param name="Providers">Execution providers the library was built with; not all need work.</param>
/// <param name="Processors">Logical processors.</param>
/// <param name="VectorBits">Widest vectors the processor has: 128, 256 or 512.</param>
public sealed record RuntimeFacts(string OnnxRuntimeVersion, IReadOnlyList<string> Providers, int Processors, int VectorBits)
{
    /// <summary>Whether the library was built with the CUDA provider.</summary>
    public bool HasCuda => Providers.Contains(ProviderKernel.Provider);

    /// <summary>Asks ONNX Runtime and the processor.</summary>
    public static RuntimeFacts Collect()
    {
        OrtEnv environment = OrtEnvironment.Instance;
        int bits = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;
        return new RuntimeFacts(environment.GetVersionString(), environment.GetAvailableProviders(), Environment.ProcessorCount, bits);
    }
}
