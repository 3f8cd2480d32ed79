using Clouds.Runtime.CustomOps;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// What both nodes of deformable attention keep, the host for the present sizes; and, where heads have a width that the kernels were not
/// written for, the tensors' copies with rows filled up with zeros, which change no result. Dispose it.
/// </summary>
internal sealed class AttentionOnDevice(int[] levels) : IDisposable
{
    private MsDeformAttnPlan? _plan;
    private CudaMsDeformAttn? _host;
    private int _wideWidth;

    /// <summary>The host for the sizes of the last <see cref="Prepare"/>.</summary>
    public CudaMsDeformAttn Host => _host ?? throw new InvalidOperationException("not prepared");

    private int Width => _plan!.Width;

    /// <summary>Checks the shapes; makes a host where the sizes are new.</summary>
    /// <returns>The sizes as the graph has them.</returns>
    public MsDeformAttnPlan Prepare(CudaOpContext context, DeviceTensor value, DeviceTensor locations, DeviceTensor weights)
    {
        MsDeformAttnPlan plan = MsDeformAttnKernel.Plan(context.Shapes, _plan, levels, value.Shape, locations.Shape, weights.Shape);
        if (plan != _plan)
        {
            if (_host is not null)
            {
                context.Stream.Synchronise();
                _host.Dispose();
            }

            (_host, _plan) = (null, null);
            int width = CudaMsDeformAttn.WidthFor(plan.Width);
            MsDeformAttnPlan wide =
                width == plan.Width ? plan : new MsDeformAttnPlan(levels, plan.Batch, plan.Tokens, plan.Heads, width, plan.Queries, plan.Points);
            _host = new CudaMsDeformAttn(context.Kernels, context.Stream, wide, levels);
            (_plan, _wideWidth) = (plan, width);
        }

        return plan;
    }

    /// <summary>The tensor itself, or memory for its wide form.</summary>
    public DeviceSpan<float> Wide(CudaOpContext context, DeviceSpan<float> tensor)
        => _wideWidth == Width ? tensor : context.Scratch<float>(tensor.Length / Width * _wideWidth);

    /// <summary>The tensor itself, or a copy in its wide form.</summary>
    public DeviceSpan<float> Widen(CudaOpContext context, DeviceSpan<float> tensor)
    {
        DeviceSpan<float> wide = Wide(context, tensor);
        if (_wideWidth != Width)
        {
            RowWidth.Run(context.Kernels, context.Stream, tensor, Width, wide, _wideWidth);
        }

        return wide;
    }

    /// <summary>Brings what was computed in the wide form into the tensor.</summary>
    public void Narrow(CudaOpContext context, DeviceSpan<float> wide, DeviceSpan<float> tensor)
    {
        if (_wideWidth != Width)
        {
            RowWidth.Run(context.Kernels, context.Stream, wide, _wideWidth, tensor, Width);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _host?.Dispose();
}
