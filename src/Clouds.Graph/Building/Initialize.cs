using Clouds.Graph.Randomness;

namespace Clouds.Graph.Building;

/// <summary>The start values that the reference networks use (method.md sections 1.3 and 1.4; PyTorch's torch.nn.init).</summary>
public static class Initialize
{
    /// <summary>All zero.</summary>
    public static Initializer Zeros { get; } = Constant(0);

    /// <summary>All one.</summary>
    public static Initializer Ones { get; } = Constant(1);

    /// <summary>Uniform in ±sqrt(6 / (fan in + fan out)) (Glorot and Bengio 2010).</summary>
    public static Initializer XavierUniform { get; } = (values, shape, random) =>
        FillUniform(values, Math.Sqrt(6.0 / (FanIn(shape) + FanOut(shape))), random);

    /// <summary>Uniform in ±sqrt(3 / fan in): Kaiming-uniform with a = 1, "Xavier" in Caffe2's words.</summary>
    public static Initializer Caffe2Xavier { get; } = KaimingUniform(1);

    /// <summary>PyTorch's default for linear and convolution weights: Kaiming-uniform with a = sqrt 5, that is ±1 / sqrt(fan in).</summary>
    public static Initializer FrameworkWeight { get; } = KaimingUniform(Math.Sqrt(5));

    /// <summary>Uniform in ±sqrt(6 / ((1 + a²) fan in)) (He et al. 2015).</summary>
    public static Initializer KaimingUniform(double a) => (values, shape, random) =>
        FillUniform(values, Math.Sqrt(6 / ((1 + (a * a)) * FanIn(shape))), random);

    /// <summary>PyTorch's default bias of a layer with the given fan in: uniform in ±1 / sqrt(fan in).</summary>
    public static Initializer FrameworkBias(long fanIn) => (values, _, random) => FillUniform(values, 1 / Math.Sqrt(fanIn), random);

    /// <summary>Normal with mean 0.</summary>
    public static Initializer Normal(double deviation) => (values, _, random) =>
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(deviation * random.NextNormal());
        }
    };

    /// <summary>
    /// Normal with deviation sqrt(2 / fan out), where fan out is kernel area times outputs of a group (He et al. 2015, "fan_out" for ReLU): the start
    /// values of torchvision's and SegFormer's convolutions.
    /// </summary>
    /// <param name="groups">Groups of the convolution.</param>
    public static Initializer KaimingNormalFanOut(long groups = 1) => (values, shape, random) =>
        Normal(Math.Sqrt(2.0 * groups / FanOut(shape)))(values, shape, random);

    /// <summary>
    /// Normal with mean 0, drawn again where it leaves ±2: trunc_normal_ of timm and PyTorch, whose default bounds are numbers and not deviations.
    /// </summary>
    public static Initializer TruncatedNormal(double deviation) => (values, _, random) =>
    {
        for (int i = 0; i < values.Length; i++)
        {
            double draw;
            do
            {
                draw = deviation * random.NextNormal();
            }
            while (Math.Abs(draw) > 2);

            values[i] = (float)draw;
        }
    };

    /// <summary>All elements alike.</summary>
    public static Initializer Constant(float value) => (values, _, _) => values.Fill(value);

    /// <summary>Given elements.</summary>
    public static Initializer Values(float[] elements) => (values, _, _) => elements.CopyTo(values);

    private static void FillUniform(Span<float> values, double bound, RandomStream random)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)random.NextDouble(-bound, bound);
        }
    }

    // Both follow the layout [out, in, kernel...] of linear and convolution weights.
    private static long FanIn(Shape shape) => shape.ElementCount / shape[0].Size;

    private static long FanOut(Shape shape) => shape.ElementCount / shape[1].Size;
}
