using Clouds.Graph.Settings;

namespace Clouds.Runtime.Devices;

/// <summary>In what precision products of matrices and convolutions are computed on a GPU; everything else is single precision.</summary>
public enum CudaPrecision
{
    /// <summary>Single precision.</summary>
    Fp32,

    /// <summary>Factors rounded to 10 bits behind the point, sums in single precision: on tensor cores, on GPUs since sm_80.</summary>
    Tf32,
}

/// <summary>How cuDNN's algorithm for a convolution is found.</summary>
public enum ConvolutionSearch
{
    /// <summary>By cuDNN's rules of thumb; the same in every run.</summary>
    Heuristic,

    /// <summary>By trying all of them for each new shape, which costs seconds and workspace; what wins may differ from run to run.</summary>
    Exhaustive,

    /// <summary>The same one always, implicit precomputed GEMM.</summary>
    Default,
}

/// <summary>How ONNX Runtime's pool of device memory grows.</summary>
public enum ArenaGrowth
{
    /// <summary>By twice as much each time.</summary>
    NextPowerOfTwo,

    /// <summary>By what is asked for.</summary>
    SameAsRequested,
}

/// <summary>How ONNX Runtime's CUDA provider works; on other devices these settings say nothing.</summary>
public sealed record CudaSettings
{
    private const string Provider = "ONNX Runtime, CUDA execution provider:";

    /// <summary>Precision of products and convolutions.</summary>
    [Setting(Source = $"{Provider} use_tf32, on by default; clouds verify takes fp32 always")]
    public CudaPrecision Precision { get; init; } = CudaPrecision.Tf32;

    /// <summary>How a convolution's algorithm is found.</summary>
    [Setting(Source = $"ours; {Provider} cudnn_conv_algo_search, exhaustive by default")]
    public ConvolutionSearch ConvolutionSearch { get; init; } = ConvolutionSearch.Heuristic;

    /// <summary>Most that the provider's pool may take of the GPU's memory; 0: all there is. Buffers of ours and cuDNN's workspaces come on top.</summary>
    [Setting(Unit = "GiB", Min = 0, Max = 1 << 20, Source = $"{Provider} gpu_mem_limit, all by default")]
    public double MemoryLimit { get; init; }

    /// <summary>
    /// The same bits in every run: sums in a fixed order, or as integers. Off: gradients of deformable attention and the provider's own sums are added in
    /// the order in which they come, which moves fewer bytes.
    /// </summary>
    [Setting(Source = "ours; ONNX Runtime, session option deterministic compute, off by default")]
    public bool Deterministic { get; init; } = true;

    /// <summary>How the provider's pool grows.</summary>
    [Setting(Source = $"{Provider} arena_extend_strategy")]
    public ArenaGrowth ArenaGrowth { get; init; } = ArenaGrowth.NextPowerOfTwo;
}
