using Clouds.Graph.Building;

namespace Clouds.Models.Layers;

/// <summary>Vectors of length 1 (torch.nn.functional.normalize).</summary>
public static class UnitLength
{
    // The square of the reference's smallest length, 1e-12: under the root, so that the gradient of a zero vector is finite.
    private const float SmallestSquare = 1e-24f;

    /// <summary>x [..., D], each vector divided by its length; zero stays zero.</summary>
    public static Value Of(GraphBuilder g, Value x) =>
        g.Div(x, g.Sqrt(g.Max(g.ReduceSum(g.Square(x), -1), g.Constant(SmallestSquare))));
}
