using Clouds.Training.Streets.Geometry;

namespace Clouds.Training.Streets.Painting;

/// <summary>A camera with a raster of samples behind it.</summary>
/// <param name="Camera">The camera.</param>
/// <param name="Width">Samples a row.</param>
/// <param name="Height">Rows of samples.</param>
internal sealed record Viewport(Camera Camera, int Width, int Height)
{
    /// <summary>Samples a pixel on each axis.</summary>
    public const int Grid = 2;

    public double CentreX => Width / 2.0;

    public double CentreY => Height / 2.0;

    /// <summary>Focal length in samples. Taken from the height, so a wider image shows more street instead of a stretched one.</summary>
    public double Focal => Camera.Focal * Height;

    /// <summary>
    /// Coefficients (of x, of y, constant) of the affine function row · direction(x, y), taken at the centre of sample (x, y).
    /// </summary>
    public Point3 ToScreen(Point3 row)
    {
        double x = row.X / Focal;
        double y = row.Y / Focal;
        return new Point3(x, y, row.Z - (x * (CentreX - 0.5)) - (y * (CentreY - 0.5)));
    }
}
