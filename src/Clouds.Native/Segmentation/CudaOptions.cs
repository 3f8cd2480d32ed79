using Clouds.Runtime.Devices;

namespace Clouds.Native.Segmentation;

/// <summary>How ONNX Runtime's CUDA provider works; on other devices these options say nothing.</summary>
public sealed record CudaOptions
{
    /// <summary>Products and convolutions on tensor cores, with factors rounded to 10 bits behind the point (TF32); off: single precision.</summary>
    public bool Tf32 { get; init; } = true;

    /// <summary>How cuDNN's algorithm for a convolution is found.</summary>
    public CudaSearch ConvolutionSearch { get; init; } = CudaSearch.Heuristic;

    /// <summary>Most GiB that the provider's pool may take of the GPU's memory; 0: all there is.</summary>
    public double MemoryLimit { get; init; }

    /// <summary>The same bits in every run, where ONNX Runtime's kernels have a choice.</summary>
    public bool Deterministic { get; init; } = true;

    /// <summary>The pool grows by what is asked for; off: by twice as much each time.</summary>
    public bool GrowAsRequested { get; init; }

    internal CudaSettings Settings => new()
    {
        Precision = Tf32 ? CudaPrecision.Tf32 : CudaPrecision.Fp32,
        ConvolutionSearch = (ConvolutionSearch)ConvolutionSearch,
        MemoryLimit = MemoryLimit,
        Deterministic = Deterministic,
        ArenaGrowth = GrowAsRequested ? ArenaGrowth.SameAsRequested : ArenaGrowth.NextPowerOfTwo,
    };
}

/// <summary>How cuDNN's algorithm for a convolution is found.</summary>
public enum CudaSearch
{
    /// <summary>By cuDNN's rules of thumb; the same in every run.</summary>
    Heuristic = Runtime.Devices.ConvolutionSearch.Heuristic,

    /// <summary>By trying all of them for each new size of image; what wins may differ from run to run.</summary>
    Exhaustive = Runtime.Devices.ConvolutionSearch.Exhaustive,

    /// <summary>The same one always.</summary>
    Default = Runtime.Devices.ConvolutionSearch.Default,
}
