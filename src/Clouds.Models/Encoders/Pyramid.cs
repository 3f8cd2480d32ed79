using Clouds.Graph.Building;

namespace Clouds.Models.Encoders;

/// <summary>An encoder's four feature maps [N, C, H/s, W/s].</summary>
/// <param name="C2">Stride 4, "res2".</param>
/// <param name="C3">Stride 8, "res3".</param>
/// <param name="C4">Stride 16, "res4".</param>
/// <param name="C5">Stride 32, "res5".</param>
public sealed record Pyramid(Value C2, Value C3, Value C4, Value C5)
{
    /// <summary>The maps from fine to coarse with the names of the reference code.</summary>
    public IReadOnlyList<(string Name, Value Value)> Levels => [("res2", C2), ("res3", C3), ("res4", C4), ("res5", C5)];
}
