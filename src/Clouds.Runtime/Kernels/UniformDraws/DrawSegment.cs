using Clouds.Graph.Randomness;

namespace Clouds.Runtime.Kernels;

/// <summary>A stretch of memory to be filled with consecutive draws of a stream. The CUDA kernel reads it field by field.</summary>
/// <param name="Target">First float: its number in the twin's memory, its address on a GPU.</param>
/// <param name="Count">Floats.</param>
/// <param name="Position">Number of the stream's draws before the first of them.</param>
/// <param name="Key">The stream.</param>
public readonly record struct DrawSegment(ulong Target, ulong Count, ulong Position, StreamKey Key);
