using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>The gradient of <see cref="LayerNorm"/> on a GPU; kernels/layer_norm.cu. Forward, ONNX Runtime's own kernel is as good.</summary>
public static class CudaLayerNorm
{
    private const string File = "layer_norm.cu";
    private const int Lanes = 16;
    private const int MostRows = 16;
    private const int SumThreads = 64;

    /// <summary>Shared memory that any block may have, less a mean and a deviation for each row; larger tiles have to be allowed.</summary>
    private const int FreeSharedBytes = (48 * 1024) - RowBytes;

    private const int RowBytes = 2 * sizeof(float) * MostRows;

    /// <summary>Gradients of x, scale and bias, with the twin's bits.</summary>
    /// <param name="kernels">The device's kernels.</param>
    /// <param name="stream">Where to launch.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="dY">[R, D].</param>
    /// <param name="x">[R, D].</param>
    /// <param name="scale">[D].</param>
    /// <param name="gradients">Overwritten.</param>
    /// <param name="partials">Scratch of <see cref="LayerNormShape.PartialFloats"/>.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public static void Backward(
        CudaKernels kernels, CudaStream stream, LayerNormShape shape, DeviceSpan<float> dY, DeviceSpan<float> x, DeviceSpan<float> scale,
        DeviceNormGradients gradients, DeviceSpan<float> partials, float epsilon)
    {
        Check(shape, dY, x, scale, gradients, partials);
        (LaunchPlan rows, LaunchPlan sum, int pitch, int tile) = Plan(shape);
        KernelCheck.That(
            rows.SharedBytes + RowBytes <= kernels.Context.MaxSharedBytes, "gradient of layer normalisation", $"{shape.Width} channels are too many");
        KernelArguments arguments = default;
        arguments.Add(new Sizes(shape.Rows, shape.Width, pitch, tile, epsilon));
        arguments.Add(dY);
        arguments.Add(x);
        arguments.Add(scale);
        arguments.Add(gradients.X);
        arguments.Add(partials);
        stream.Launch(kernels[File, "layer_norm_backward"], rows, ref arguments);
        KernelArguments sums = default;
        sums.Add(partials);
        sums.Add(gradients.Scale);
        sums.Add(gradients.Shift);
        sums.Add(shape.Chunks);
        sums.Add(shape.Width);
        stream.Launch(kernels[File, "layer_norm_sum"], sum, ref sums);
    }

    /// <summary>Both launches, and the floats between two rows of a tile and its rows.</summary>
    public static (LaunchPlan Rows, LaunchPlan Sum, int Pitch, int Tile) Plan(LayerNormShape shape)
    {
        int pitch = (((shape.Width + 15) / 32) * 32) + 16;
        long Bytes(int tile) => sizeof(float) * ((2L * tile * pitch) + (3L * shape.Width));
        int tile = MostRows;
        while (tile > 2 && Bytes(tile) > FreeSharedBytes)
        {
            tile /= 2;
        }

        return (
            new LaunchPlan((uint)shape.Chunks, (uint)(Lanes * tile), SharedBytes: checked((uint)Bytes(tile))),
            new LaunchPlan(LaunchPlan.Cover(2L * shape.Width, SumThreads), SumThreads), pitch, tile);
    }

    private static void Check(
        LayerNormShape shape, DeviceSpan<float> dY, DeviceSpan<float> x, DeviceSpan<float> scale, DeviceNormGradients gradients, DeviceSpan<float> partials)
    {
        KernelCheck.Length(dY.Length, shape.Elements, "gradient of y", "R·D");
        KernelCheck.Length(x.Length, shape.Elements, "x", "R·D");
        KernelCheck.Length(scale.Length, shape.Width, "scale", "D");
        KernelCheck.Length(gradients.X.Length, shape.Elements, "gradient of x", "R·D");
        KernelCheck.Length(gradients.Scale.Length, shape.Width, "gradient of the scale", "D");
        KernelCheck.Length(gradients.Shift.Length, shape.Width, "gradient of the bias", "D");
        KernelCheck.Length(partials.Length, shape.PartialFloats, "partial sums", "2·chunks·D");
    }

    /// <summary>The kernel's parameter of the same fields.</summary>
    private readonly record struct Sizes(int Rows, int Width, int Pitch, int Tile, float Epsilon);
}

/// <summary>Where the gradients of a normalisation go.</summary>
public readonly ref struct DeviceNormGradients
{
    /// <summary>Of x, of its shape.</summary>
    public DeviceSpan<float> X { get; init; }

    /// <summary>Of the scale, a float a channel.</summary>
    public DeviceSpan<float> Scale { get; init; }

    /// <summary>Of the shift, a float a channel.</summary>
    public DeviceSpan<float> Shift { get; init; }
}
