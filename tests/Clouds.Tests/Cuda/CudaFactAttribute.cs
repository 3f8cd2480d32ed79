using System.Runtime.CompilerServices;

namespace Clouds.Tests.Cuda;

/// <summary>What a test on ONNX Runtime's CUDA provider needs beside it and a driver.</summary>
[Flags]
public enum CudaNeeds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The stand-ins for the CUDA libraries, whose counters it reads or whose failures it asks for.</summary>
    StandIn = 1,

    /// <summary>NVRTC.</summary>
    Compiler = 2,
}

/// <summary>A test on ONNX Runtime's CUDA provider; skipped, with the reason, where something it needs is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CudaFactAttribute : FactAttribute
{
    /// <summary>Looks for what the test needs.</summary>
    /// <param name="needs">Beside the provider and a driver.</param>
    public CudaFactAttribute(CudaNeeds needs = CudaNeeds.None, [CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Skip = CudaStandIn.WhyNot(needs);
}

/// <summary>The same for tests with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CudaTheoryAttribute : TheoryAttribute
{
    /// <summary>Looks for what the test needs.</summary>
    /// <param name="needs">Beside the provider and a driver.</param>
    public CudaTheoryAttribute(CudaNeeds needs = CudaNeeds.None, [CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Skip = CudaStandIn.WhyNot(needs);
}
