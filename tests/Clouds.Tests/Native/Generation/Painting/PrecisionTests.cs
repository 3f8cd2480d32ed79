using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Generation.Weights;
using Clouds.Native.Segmentation;
using Clouds.Tests.Native.Generation.Weights;

namespace Clouds.Tests.Native.Generation.Painting;

/// <summary>Half precision, and numbers that are none.</summary>
[Kind(TestKind.Fast)]
public sealed class PrecisionTests : IDisposable
{
    private const string Autoencoder = "vae/diffusion_pytorch_model.safetensors", UNet = "unet/diffusion_pytorch_model.safetensors";

    private static readonly PaintRequest Request = new() { Prompt = "a photo of a bus", Seed = 5, Steps = 4, Guidance = 2 };

    private readonly TemporaryFolder _folder = new();
    private readonly TinyDiffusion _model = new();

    public PrecisionTests() => _model.Save(_folder);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Paint_InHalfPrecision_IsNearlyTheSameImage()
    {
        PaintedImage half = Paint(PaintPrecision.Half), single = Paint(PaintPrecision.Single);
        Assert.False(half.Notes.DecodedAgain);
        Assert.NotEqual(single.Image.Pixels, half.Image.Pixels);
        Assert.InRange(Distance(half, single), 0, 2);
        Assert.Equal("fp16", Open(PaintPrecision.Half).Facts.Precision);
    }

    // A million is a number in single precision, and what follows this convolution is normalised. On a GPU sums overflow so too; on the processor ONNX Runtime
    // adds in single precision whatever lies between, and only weights are infinite.
    [Fact]
    public void Paint_AutoencoderThatOverflowsHalfPrecision_DecodesAgainAndTells()
    {
        Enlarge(Autoencoder, DiffusionPart.Autoencoder, "decoder.conv_in.weight", 1e6f);
        PaintedImage half = Paint(PaintPrecision.Half), single = Paint(PaintPrecision.Single);
        Assert.True(half.Notes.DecodedAgain);
        Assert.False(single.Notes.DecodedAgain);
        Assert.InRange(Distance(half, single), 0, 2);
    }

    [Theory]
    [InlineData(PaintPrecision.Single)]
    [InlineData(PaintPrecision.Half)]
    public void Paint_ImageThatIsNoNumberInSinglePrecision_IsAFailure(PaintPrecision precision)
    {
        Enlarge(Autoencoder, DiffusionPart.Autoencoder, "decoder.conv_out.weight", 3e38f);
        CloudsException failure = Assert.Throws<CloudsException>(() => Paint(precision));
        Assert.Equal(Failure.Numeric, failure.Failure);
        Assert.Contains("among the pixels", failure.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Paint_LatentsThatAreNoNumbers_NamesThem()
    {
        Enlarge(UNet, DiffusionPart.UNet, "conv_out.weight", 3e38f);
        CloudsException failure = Assert.Throws<CloudsException>(() => Paint(PaintPrecision.Single));
        Assert.Equal(Failure.Numeric, failure.Failure);
        Assert.Contains("among the latents", failure.Found, StringComparison.Ordinal);
    }

    private PaintedImage Paint(PaintPrecision precision)
    {
        using StableDiffusion painter = Open(precision);
        return painter.Paint([Request])[0];
    }

    private StableDiffusion Open(PaintPrecision precision) =>
        StableDiffusion.Load(_folder.Path, new StableDiffusionOptions { Device = ComputeDevice.Cpu, Precision = precision });

    private void Enlarge(string file, DiffusionPart part, string tensor, float largest)
    {
        Parameter[] parameters = [.. _model.Config.ParametersOf(part)];
        Assert.Contains(parameters, parameter => parameter.Name == tensor);
        using SafetensorsWriter writer = new(_folder[file], [.. parameters.Select(p => new TensorDeclaration(p.Name, WeightType.F32, p.Shape.Sizes))]);
        foreach (Parameter parameter in parameters)
        {
            float[] values = parameter.Initialize(seed: 3);
            float most = values.Max(Math.Abs);
            writer.Write(parameter.Name, parameter.Name == tensor ? Array.ConvertAll(values, value => value / most * largest) : values);
        }

        writer.Commit();
    }

    private static double Distance(PaintedImage a, PaintedImage b) => a.Image.Pixels.Zip(b.Image.Pixels, (x, y) => Math.Abs(x - y)).Average();
}
