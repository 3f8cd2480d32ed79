using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Diffusion;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Images;
using Clouds.Tests.Graph;
using Clouds.Tests.Native.Generation.Weights;

namespace Clouds.Tests.Native.Generation.Painting;

[Kind(TestKind.Fast)]
public sealed class ImageAutoencoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TinyDiffusion _model = new();

    public ImageAutoencoderTests() => _model.Save(_folder);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("vae")]
    [InlineData("vae/diffusion_pytorch_model.safetensors")]
    public void Repeat_OfACheckpointOrItsPart_DecodesTheMeansOfTheLatents(string path)
    {
        RgbImage image = Pictures.Noise(16, 12);
        using ImageAutoencoder autoencoder = ImageAutoencoder.Load(Path.Combine(_folder.Path, path), new() { Threads = 1 });
        Assert.Equal(2, autoencoder.Multiple);
        Assert.Equal(Expected(image), autoencoder.Repeat(image).Pixels);
        Assert.Contains(autoencoder.Files, file => file.Name == "diffusion_pytorch_model.safetensors" && file.Sha256.Length == 64);
    }

    [Fact]
    public void Repeat_SidesThatAreNoMultiples_IsRefused()
    {
        using ImageAutoencoder autoencoder = ImageAutoencoder.Load(_folder["vae"]);
        Assert.Throws<ArgumentException>(() => autoencoder.Repeat(Pictures.Noise(15, 12)));
        Assert.Throws<ArgumentException>(() => autoencoder.Repeat(new RgbImage(0, 0)));
    }

    [Theory]
    [InlineData("unet")]
    [InlineData("tokenizer")]
    [InlineData("nowhere")]
    public void Load_SomethingElse_IsToldApart(string path) =>
        Assert.Equal(Failure.Weights, Assert.Throws<CloudsException>(() => ImageAutoencoder.Load(_folder[path])).Failure);

    [Fact]
    public void Load_SizesThatNoNetworkHas_IsRefused()
    {
        string settings = _folder["vae/config.json"];
        File.WriteAllText(settings, File.ReadAllText(settings).Replace("\"norm_num_groups\":4", "\"norm_num_groups\":3", StringComparison.Ordinal));
        Assert.Contains("multiples of 3", Assert.Throws<CloudsException>(() => ImageAutoencoder.Load(_folder["vae"])).Message, StringComparison.Ordinal);
    }

    private byte[] Expected(RgbImage image)
    {
        GraphBuilder g = new("autoencoder");
        Autoencoder network = new(_model.Config.Autoencoder);
        g.Output("answer", network.Decode(g, network.Encode(g, g.Input("image", ElementType.Float, [1, 3, image.Height, image.Width])).Mean));
        using WeightSource source = WeightSource.Open(_folder["vae/diffusion_pytorch_model.safetensors"]);
        (string, TestTensor)[] weights = [.. g.Parameters.Select(p => (p.Name, TestTensor.Of(source.ReadFloats(p.Name), p.Shape.Sizes)))];
        int pixels = image.Width * image.Height;
        float[] planes = [.. Enumerable.Range(0, 3 * pixels).Select(i => (image.Pixels[(3 * (i % pixels)) + (i / pixels)] * (2f / 255)) - 1)];
        float[] answer = GraphRun.Once(g, [("image", TestTensor.Of(planes, 1, 3, image.Height, image.Width)), .. weights])["answer"].Floats;
        return [.. Enumerable.Range(0, 3 * pixels).Select(i => answer[(i % 3 * pixels) + (i / 3)])
            .Select(level => (byte)MathF.Round(Math.Clamp((level * 0.5f) + 0.5f, 0, 1) * 255, MidpointRounding.ToEven))];
    }
}
