namespace Clouds.Tests.Graph;

/// <summary>Gradients against central differences of a plain computation in double precision.</summary>
internal static class Slopes
{
    /// <param name="values">Where the gradient was taken.</param>
    /// <param name="gradient">The gradient.</param>
    /// <param name="loss">The computation, smooth around the values: the differences are right to 1e-9 of its size.</param>
    /// <param name="tolerance">Of single precision.</param>
    public static void Assert(double[] values, double[] gradient, Func<double[], double> loss, double tolerance)
    {
        Xunit.Assert.Equal(values.Length, gradient.Length);
        for (int i = 0; i < values.Length; i++)
        {
            double At(double step)
            {
                double[] moved = [.. values];
                moved[i] += step;
                return loss(moved);
            }

            Xunit.Assert.Equal((At(1e-5) - At(-1e-5)) / 2e-5, gradient[i], tolerance);
        }
    }
}
