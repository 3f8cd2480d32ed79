using Clouds.Runtime.CustomOps;
using Microsoft.ML.OnnxRuntime;

namespace Clouds.Runtime.Kernels;

/// <summary>Linear(x [R, K], weight [O, K], bias [O]) -> y [R, O].</summary>
internal sealed class LinearKernel : ICustomKernel
{
    // Ranges a thread would be given at most; more of them even out threads that were held up.
    private const int Parts = 32;

    /// <inheritdoc/>
    public void Compute(OpContext context)
    {
        OpTensor x = context.Input(0, "x", 2);
        OpTensor weight = context.Input(1, "weight", 2);
        OpTensor bias = context.Input(2, "bias", 1);
        LinearShape shape = new(x[0], x[1], weight[0]);
        context.RequireShape(weight, "weight", shape.Outputs, shape.Inner);
        context.RequireShape(bias, "bias", shape.Outputs);
        Run(context, shape, x, weight, transposed: true, bias.Floats);
    }

    /// <summary>Lays out the matrix, then multiplies; both on the session's threads.</summary>
    internal static void Run(OpContext context, LinearShape shape, OpTensor x, OpTensor matrix, bool transposed, HostSpan<float> bias)
    {
        OpTensor y = context.Output(0, ElementType.Float, shape.Rows, shape.Outputs);
        OrtMemoryInfo memory = OrtMemoryInfo.DefaultInstance;
        nint scratch = context.Scratch(memory, shape.PackedFloats * sizeof(float));
        try
        {
            HostSpan<float> packed = new OpTensor(scratch, ElementType.Float, [shape.PackedFloats]).Floats;
            context.Split(shape.Panels, Parts, (from, to) => Linear.Pack(shape, matrix.Floats, transposed, packed, from, to));
            context.Split(shape.Tiles, Parts, (from, to) => Linear.Multiply(shape, x.Floats, packed, bias, y.Floats, from, to));
        }
        finally
        {
            context.FreeScratch(memory, [scratch]);
        }
    }
}

/// <summary>LinearGrad(dy [R, O], weight [O, K]) -> dx [R, K].</summary>
internal sealed class LinearGradKernel : ICustomKernel
{
    /// <inheritdoc/>
    public void Compute(OpContext context)
    {
        OpTensor dy = context.Input(0, "dy", 2);
        OpTensor weight = context.Input(1, "weight", 2);
        LinearShape shape = new(dy[0], dy[1], weight[1]);
        context.RequireShape(weight, "weight", shape.Inner, shape.Outputs);
        LinearKernel.Run(context, shape, dy, weight, transposed: false, default);
    }
}
