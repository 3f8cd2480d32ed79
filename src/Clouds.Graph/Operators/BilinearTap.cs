namespace Clouds.Graph.Operators;

/// <summary>
/// One of the four pixels around a position, in the lowerings that sample; all values are floats, so that positions far outside cannot overflow.
/// </summary>
/// <param name="Index">Its index in the map, 0 where it lies outside.</param>
/// <param name="Weight">Its bilinear weight, 0 outside.</param>
/// <param name="Inside">1 where it lies in the map, else 0.</param>
internal sealed record BilinearTap(string Index, string Weight, string Inside)
{
    /// <summary>The four pixels as steps along x and y from the corner.</summary>
    public static readonly (long X, long Y)[] Corners = [(0, 0), (1, 0), (0, 1), (1, 1)];

    /// <summary>The pixel a step away from the corner; corner and fraction make up the position, size is the map's width and height.</summary>
    public static BilinearTap Of(
        FunctionBuilder f, (string X, string Y) corner, (string X, string Y) fraction, (string X, string Y) size, (long X, long Y) step)
    {
        string x = f.Add(corner.X, f.Float(step.X));
        string y = f.Add(corner.Y, f.Float(step.Y));
        string inside = f.ToFloat(f.Op("And", [Within(f, x, size.X), Within(f, y, size.Y)]));
        string wx = step.X == 1 ? fraction.X : f.Sub(f.Float(1), fraction.X);
        string wy = step.Y == 1 ? fraction.Y : f.Sub(f.Float(1), fraction.Y);
        string column = f.Op("Min", [f.Op("Max", [x, f.Float(0)]), f.Sub(size.X, f.Float(1))]);
        string row = f.Op("Min", [f.Op("Max", [y, f.Float(0)]), f.Sub(size.Y, f.Float(1))]);
        return new BilinearTap(f.Add(f.Mul(row, size.X), column), f.Mul(f.Mul(wx, wy), inside), inside);
    }

    private static string Within(FunctionBuilder f, string position, string size) =>
        f.Op("And", [f.Op("GreaterOrEqual", [position, f.Float(0)]), f.Op("Less", [position, size])]);
}
