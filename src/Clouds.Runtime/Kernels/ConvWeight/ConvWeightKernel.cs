using Clouds.Runtime.CustomOps;
using Microsoft.ML.OnnxRuntime;

namespace Clouds.Runtime.Kernels;

/// <summary>ConvWeightGrad(dY [N,O,H,W], x [N,I,H,W]) -> dWeight [O,I,3,3].</summary>
internal sealed class ConvWeightGradKernel : ICustomKernel
{
    // Ranges a thread would be given at most.
    private const int Parts = 32;

    /// <inheritdoc/>
    public void Compute(OpContext context)
    {
        OpTensor dY = context.Input(0, "dY", 4);
        OpTensor x = context.Input(1, "x", 4);
        ConvWeightShape shape = new(x[0], x[1], dY[1], x[2], x[3]);
        context.RequireShape(dY, "dY", shape.Images, shape.Outputs, shape.Height, shape.Width);
        OpTensor dWeight = context.Output(0, ElementType.Float, shape.Outputs, shape.Inputs, 3, 3);
        OrtMemoryInfo memory = OrtMemoryInfo.DefaultInstance;
        long floats = shape.SpreadInputs + shape.SpreadOutputs;
        nint scratch = context.Scratch(memory, floats * sizeof(float));
        try
        {
            HostSpan<float> all = new OpTensor(scratch, ElementType.Float, [floats]).Floats;
            (HostSpan<float> inputs, HostSpan<float> outputs) = (all.Slice(0, shape.SpreadInputs), all.Slice(shape.SpreadInputs, shape.SpreadOutputs));
            context.Split(shape.Inputs, Parts, (from, to) => ConvWeight.SpreadInputs(shape, x.Floats, inputs, from, to));
            context.Split(shape.Outputs, Parts, (from, to) => ConvWeight.SpreadOutputs(shape, dY.Floats, outputs, from, to));
            context.Split(shape.Groups, Parts, (from, to) => ConvWeight.Add(shape, outputs, inputs, dWeight.Floats, from, to));
        }
        finally
        {
            context.FreeScratch(memory, [scratch]);
        }
    }
}
