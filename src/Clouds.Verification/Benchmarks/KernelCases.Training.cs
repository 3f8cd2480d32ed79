using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Benchmarks;

/// <content>Kernels of training steps alone.</content>
internal static partial class KernelCases
{
    // The blocks of the small ConvNeXt's first stage, eight crops.
    private static KernelCase Depthwise(int side, bool backward)
    {
        DepthwiseShape shape = new(8, 32, side, side, 7);
        NativeBuffer[] buffers =
        [
            BenchFloats.Uniform(shape.Elements, -1, 1), BenchFloats.Uniform(shape.Weights, -1, 1), BenchFloats.Uniform(shape.Channels, -1, 1),
            BenchFloats.Uniform(shape.Elements, -1, 1), new NativeBuffer(4 * shape.Elements), new NativeBuffer(4 * shape.Weights),
            new NativeBuffer(4 * shape.Channels),
        ];
        string problem = $"8 x 32 planes {side}x{side}, 7x7";
        double products = 2.0 * shape.Elements * shape.Taps;
        return backward
            ? new KernelCase("depthwise convolution, backward", problem, 12.0 * shape.Elements, 2 * products, threads => WorkSplit.Run(threads, shape.Channels,
                (from, to) => DepthwiseConv.Backward(shape, Floats(buffers[3]), Floats(buffers[0]), Floats(buffers[1]), Floats(buffers[4]), Floats(buffers[5]),
                    Floats(buffers[6]), from, to))).Owning(buffers)
            : new KernelCase("depthwise convolution", problem, 8.0 * shape.Elements, products, threads => WorkSplit.Run(threads, shape.Planes,
                (from, to) => DepthwiseConv.Forward(
                    shape, Floats(buffers[0]), Floats(buffers[1]), Floats(buffers[2]), Floats(buffers[4]), from, to))).Owning(buffers);
    }

    // Thirty operations an element: an exponential, a quotient, two polynomials.
    private static KernelCase GeluSlope(int elements)
    {
        NativeBuffer[] buffers = [BenchFloats.Uniform(elements, -1, 1), BenchFloats.Uniform(elements, -4, 4), new NativeBuffer(4L * elements)];
        return new KernelCase("slope of GELU", $"{elements} elements", 12.0 * elements, 30.0 * elements, threads => WorkSplit.Run(
            threads, Activations.Units(elements), (from, to) => Activations.GeluBackward(Floats(buffers[0]), Floats(buffers[1]), Floats(buffers[2]), from, to)))
            .Owning(buffers);
    }

    // A residual block of the miniature denoiser, eight images.
    private static KernelCase WeightGradient(int side)
    {
        ConvWeightShape shape = new(8, 64, 64, side, side);
        NativeBuffer[] buffers =
        [
            BenchFloats.Uniform(shape.OutputElements, -1, 1), BenchFloats.Uniform(shape.InputElements, -1, 1),
            new NativeBuffer(4 * shape.SpreadOutputs), new NativeBuffer(4 * shape.SpreadInputs), new NativeBuffer(4 * shape.Weights),
        ];
        double bytes = 4.0 * (shape.OutputElements + shape.InputElements + shape.Weights);
        return new KernelCase("gradient of a 3x3 weight", $"8 x 64 planes {side}x{side} to 64", bytes, 18.0 * shape.OutputElements * shape.Inputs, threads =>
        {
            WorkSplit.Run(threads, shape.Outputs, (from, to) => ConvWeight.SpreadOutputs(shape, Floats(buffers[0]), Floats(buffers[2]), from, to));
            WorkSplit.Run(threads, shape.Inputs, (from, to) => ConvWeight.SpreadInputs(shape, Floats(buffers[1]), Floats(buffers[3]), from, to));
            WorkSplit.Run(threads, shape.Groups, (from, to) => ConvWeight.Add(shape, Floats(buffers[2]), Floats(buffers[3]), Floats(buffers[4]), from, to));
        }).Owning(buffers);
    }
}
