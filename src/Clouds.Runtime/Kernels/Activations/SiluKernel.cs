using Clouds.Runtime.CustomOps;

namespace Clouds.Runtime.Kernels;

/// <summary>SiluGrad(dY, x) -> dX, of any shape.</summary>
internal sealed class SiluGradKernel : ICustomKernel
{
    /// <inheritdoc/>
    public void Compute(OpContext context) => GeluGradKernel.Run(context, (dY, x, dX, from, to) => Activations.SiluBackward(dY, x, dX, from, to));
}
