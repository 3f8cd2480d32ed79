namespace Clouds.Graph.Onnx;

/// <summary>When constants that are stored in another type than the graph computes in are converted.</summary>
public enum StoredConversion
{
    /// <summary>When the session is made, which keeps them in the type of the graph: fastest, and no less memory than if they were stored so.</summary>
    Once,

    /// <summary>
    /// Large ones in every run, each just before it is used and freed behind it: of half precision, sessions hold half the memory. What the runtime would
    /// make of constants, layouts for its kernels above all, it does not make of these.
    /// </summary>
    EveryRun,
}
