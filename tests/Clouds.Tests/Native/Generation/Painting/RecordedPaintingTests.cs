using Clouds.Graph.Weights;
using Clouds.Models.Diffusion.Sampling;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Generation.Weights;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Verification.Golden;
using Clouds.Verification.Golden.Modules;

namespace Clouds.Tests.Native.Generation.Painting;

/// <summary>What paints images for users, on the recorded runs of the reference: memory that stays where it lies, buffers that trade places, tables.</summary>
[Kind(TestKind.Fast)]
public sealed class RecordedPaintingTests
{
    private const double Rate = 1e-4;

    [Theory]
    [InlineData("sd", "low_variance", 0)]
    [InlineData("sd", "low_variance", 8)]
    [InlineData("sd2", "tiny", 0)]
    public void Painting_FromRecordedNoise_IsTheReferences(string family, string name, int tile)
    {
        using GoldenCase golden = Case($"{family}_text2image", name);
        using DiffusionNetworks networks = Networks(family, name, golden);
        using PromptVectors prompts = new(networks);
        SamplingPlan plan = networks.Config.Sampler.Plan(golden.Config.Int("steps"));
        (TensorMemory<float> text, TensorMemory<float> negative) =
            prompts.Of(golden.Tensor("input.tokens").AsIntegers(), golden.Tensor("input.uncond_tokens").AsIntegers(), default);
        using Denoiser denoiser = new(networks, new StepShape(8, 8, Guided: true, StepTable.History(plan), Noisy: false));
        denoiser.Latents.Write(Array.ConvertAll(golden.Tensor("input.latents").AsFloats(), value => (float)(plan.Start * value)));
        denoiser.Run(plan, golden.Config.Double("guidance"), 0, text, negative, null, default);
        AssertNear(golden.Tensor("latents_per_step").AsFloats()[^(int)denoiser.Elements..], denoiser.Latents.Read(), 1e-3);

        using LatentDecoder decoder = new(networks, 8, 8, tile);
        byte[] pixels = Assert.IsType<byte[]>(decoder.Decode(denoiser.Latents, half: false, default));
        Assert.All(golden.Tensor("image_u8").AsIntegers().Zip(pixels), pair => Assert.InRange(pair.Second - pair.First, -1, 1));
        AssertNear(golden.Tensor("decoded").AsFloats(), decoder.Decoded.Read(), 1e-3);
    }

    // Tiles see less of the map than the whole, so their insides differ; but nowhere does what differs jump, as it does where tiles are laid side by side.
    [Theory]
    [InlineData("sd", "low_variance")]
    [InlineData("sd2", "tiny")]
    public void Decoding_InTiles_LeavesNoSeam(string family, string name)
    {
        const int Cells = 40, Side = 320, Tile = 16, Stride = 12 * 8, Overlap = 4 * 8;
        using GoldenCase golden = Case($"{family}_text2image", name);
        using DiffusionNetworks networks = Networks(family, name, golden);
        using TensorMemory<float> latents = new(Device.Cpu, 4 * Cells * Cells);
        float[] noise = new float[latents.Length];
        LatentNoise.Fill(noise, 1, 0);
        latents.Write(noise);
        float[] Decoded(int tile)
        {
            using LatentDecoder decoder = new(networks, Cells, Cells, tile);
            Assert.NotNull(decoder.Decode(latents, half: false, default));
            return decoder.Decoded.Read();
        }

        float[] whole = Decoded(0), tiled = Decoded(Tile);
        double Jump(int column) => Enumerable.Range(0, 3 * Side).Average(row => Math.Abs(
            tiled[(row * Side) + column] - whole[(row * Side) + column] - (tiled[(row * Side) + column - 1] - whole[(row * Side) + column - 1])));
        double usual = Enumerable.Range(1, Side - 1).Select(Jump).Average();
        double[] seams = [.. new[] { Stride, Stride + Overlap, 2 * Stride, (2 * Stride) + Overlap }.Select(Jump)];
        Assert.True(whole.Zip(tiled, (a, b) => Math.Abs(a - b)).Max() > 1e-4);
        Assert.All(seams, seam => Assert.InRange(seam, 0, 2 * usual));
        Assert.Equal(whole, Decoded(Cells));
    }

    private static DiffusionNetworks Networks(string family, string name, GoldenCase golden)
    {
        using GoldenCase text = Case($"{family}_text_encoder", name), unet = Case($"{family}_unet", name);
        DiffusionConfig config = new()
        {
            TextEncoder = TextEncoderModule.Config(text.Config),
            UNet = UNetModule.Config(unet.Config),
            Autoencoder = AutoencoderModule.Config(golden.Config.Section("vae")),
            Sampler = NamedSampler.Of(golden.Config),
            Side = 64,
            Padding = 0,
        };
        Dictionary<DiffusionPart, string> folders = new()
        {
            [DiffusionPart.TextEncoder] = text.Folder,
            [DiffusionPart.UNet] = unet.Folder,
            [DiffusionPart.Autoencoder] = family == "sd" ? Folder("sd_vae", name) : golden.Folder,
        };
        return new DiffusionNetworks(config, Device.Cpu, new SessionSettings(),
            part => FrozenWeights.Open(Path.Combine(folders[part], "weights.safetensors"), config.ParametersOf(part)), PaintPrecision.Auto);
    }

    private static GoldenCase Case(string module, string name) => GoldenCase.Load(Folder(module, name));

    private static string Folder(string module, string name) => Path.Combine(Repository.Root, "tests", "golden", module, name);

    private static void AssertNear(float[] expected, float[] found, double least)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.InRange(pair.Second, pair.First - least - (Rate * Math.Abs(pair.First)),
            pair.First + least + (Rate * Math.Abs(pair.First))));
    }
}
