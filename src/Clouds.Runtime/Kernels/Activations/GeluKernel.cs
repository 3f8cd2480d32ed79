using Clouds.Runtime.CustomOps;

namespace Clouds.Runtime.Kernels;

/// <summary>GeluGrad(dY, x) -> dX, of any shape.</summary>
internal sealed class GeluGradKernel : ICustomKernel
{
    /// <inheritdoc/>
    public void Compute(OpContext context) => Run(context, (dY, x, dX, from, to) => Activations.GeluBackward(dY, x, dX, from, to));

    /// <summary>Shares the elements out to the session's threads.</summary>
    internal static void Run(OpContext context, Slope slope)
    {
        // Ranges that one thread would have done before others had begun are not worth a split.
        const int UnitsAPart = 8;
        OpTensor dY = context.Input(0, "dY");
        OpTensor x = context.Input(1, "x");
        context.RequireShape(dY, "dY", x.Shape);
        OpTensor dX = context.Output(0, ElementType.Float, x.Shape);
        int units = Activations.Units(x.Elements);
        context.Split(units, Math.Max(1, units / UnitsAPart), (from, to) => slope(dY.Floats, x.Floats, dX.Floats, from, to));
    }

    /// <summary>Units from..to of a gradient.</summary>
    internal delegate void Slope(HostSpan<float> dY, HostSpan<float> x, HostSpan<float> dX, int from, int to);
}
