using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Diffusion;
using Clouds.Native.Catalogue;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Generation.Weights;
using Clouds.Tests.Native.Generation.Language;
using Clouds.Tests.Native.Generation.Weights;

namespace Clouds.Tests.Cli.Commands;

/// <summary>`clouds model` and `clouds generate` on checkpoints of Stable Diffusion and Llama in every layout, of sizes that nobody has published.</summary>
[Kind(TestKind.Fast)]
public sealed class DiffusionCheckpointTests : IDisposable
{
    private static readonly (DiffusionPart Part, string Scope)[] Scopes =
        [(DiffusionPart.TextEncoder, "text_encoder."), (DiffusionPart.UNet, "unet."), (DiffusionPart.Autoencoder, "vae.")];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Card_OfADiffusersFolder_IsThatOfEachNetwork()
    {
        new TinyDiffusion().Save(_folder);
        string[] cards = Clouds(0, "model", "card", _folder.Path, "--json").Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["transformers_clip", "diffusers_denoiser", "diffusers_autoencoder"],
            cards.Select(card => JsonElement.Parse(card).GetProperty("dialect").GetString()));
    }

    [Fact]
    public void Verify_OfADiffusersFolder_ChecksEveryFileOfEachNetwork()
    {
        new TinyDiffusion().Save(_folder);
        new TinyDiffusion { Type = WeightType.F16 }.WriteWeights(_folder["unet/diffusion_pytorch_model.fp16.safetensors"], DiffusionPart.UNet);
        Assert.Equal(4, JsonElement.Parse(Clouds(0, "model", "verify", _folder.Path, "--json").Out).GetProperty("files").GetArrayLength());

        byte[] damaged = File.ReadAllBytes(_folder["vae/diffusion_pytorch_model.safetensors"]);
        File.WriteAllBytes(_folder["vae/diffusion_pytorch_model.safetensors"], damaged[..^100]);
        Assert.Matches(@"vae +structure +FAIL", Clouds(1, "model", "verify", _folder.Path).Out);
    }

    [Theory]
    [InlineData("unet", "diffusers_denoiser")]
    [InlineData("vae", "diffusers_autoencoder")]
    [InlineData("text_encoder", "transformers_clip")]
    public void Import_OfOneNetworkOfADiffusersFolder_TakesItAsItIs(string part, string names)
    {
        new TinyDiffusion().Save(_folder);
        string output = _folder["made.safetensors"];
        Assert.Contains(names, Clouds(0, "model", "import", _folder[part], "--out", output).Out, StringComparison.Ordinal);
        using WeightSource before = WeightSource.Open(_folder[part]), after = WeightSource.Open(output);
        Assert.Equal(before.Tensors.Keys.Order(), after.Tensors.Keys.Order());
        Assert.All(before.Tensors.Keys, name => Assert.Equal(before.ReadFloats(name), after.ReadFloats(name)));
    }

    [Theory]
    [InlineData("import", "weights in text_encoder, unet, vae")]
    [InlineData("export", "weights in text_encoder, unet, vae")]
    public void Verbs_ThatTakeOneNetwork_NameThoseOfADiffusersFolder(string verb, string told)
    {
        new TinyDiffusion().Save(_folder);
        Assert.Contains(told, Clouds((int)Failure.Weights, "model", verb, _folder.Path, "--out", _folder["x.safetensors"]).Error, StringComparison.Ordinal);
    }

    // Every weight of each network is where its own name says, and an import of the file paints the same image.
    [Fact]
    public void OriginalFile_OfVersionOne_IsReadPaintedWithAndImported()
    {
        TinyDiffusion tiny = new() { Config = Original };
        string original = _folder["original.safetensors"], imported = _folder["imported.safetensors"];
        WriteOriginal(original, tiny.Config);
        DiffusionWeights weights = DiffusionWeights.Open(original);
        Assert.Equal("original single file", weights.Layout);
        foreach ((DiffusionPart part, _) in Scopes)
        {
            using FrozenWeights frozen = weights.Freeze(part);
            Dictionary<string, TensorEntry> tensors = frozen.Tensors.ToDictionary(tensor => tensor.Name);
            Assert.All(tiny.Config.ParametersOf(part), parameter => Assert.Equal(Halves(parameter), Values(tensors[parameter.Name])));
        }

        Clouds(0, "model", "import", original, "--out", imported);
        Assert.Equal(Painted(original), Painted(imported));
        Assert.Contains("diffusion", Clouds(0, "model", "card", imported).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void LlamaFolder_InShards_IsCardedVerifiedAndImportedWithAWordAboutItsTokenizer()
    {
        string llama = TinyLlama.Write(_folder["llama"], WeightType.BF16, shards: 2), output = _folder["llama.safetensors"];
        Assert.Contains("2 shards", Clouds(0, "model", "card", llama).Out, StringComparison.Ordinal);
        Clouds(0, "model", "verify", llama);
        Assert.Contains("tokenizer of a language model stay in its folder", Clouds(0, "model", "import", llama).Error, StringComparison.Ordinal);
        Assert.Contains("weights alone", Clouds((int)Failure.BadInput, "prompts", "--model", output, "-n", "1").Error, StringComparison.Ordinal);
        Assert.Contains("a segmenter", Clouds((int)Failure.Weights, "model", "export", llama, "--out", _folder["x.onnx"]).Error, StringComparison.Ordinal);
    }

    // As narrow as the authors' names and group normalisations of 32 channels let it be.
    private static DiffusionConfig Original { get; } = new()
    {
        TextEncoder = new TextEncoderConfig { Width = 32, Heads = 1, Layers = 2, Vocabulary = 49408, QuickGelu = true },
        UNet = new UNetConfig { Widths = [32, 32, 32, 32], Heads = [8, 8, 8, 8], TextResolutions = 3, Blocks = 2, TextWidth = 32 },
        Autoencoder = new AutoencoderConfig { Widths = [32, 32, 32, 32], Blocks = 2 },
        Sampler = new(),
        Side = 512,
        Padding = 49407,
    };

    private static void WriteOriginal(string path, DiffusionConfig config)
    {
        CatalogueEntry published = ModelCatalogue.BuiltIn["sd15"];
        Dictionary<string, ListedTensor> theirs = published.List.Tensors.ToDictionary(tensor => published.Map.Translate(tensor.Name));
        (ListedTensor Listed, Parameter Parameter)[] all = [.. Scopes.SelectMany(part => config.ParametersOf(part.Part)
            .Select(parameter => (theirs[part.Scope + parameter.Name], parameter)))];
        using SafetensorsWriter writer = new(path, [.. all.Select(tensor => new TensorDeclaration(tensor.Listed.Name, WeightType.F16,
            [.. tensor.Parameter.Shape.Sizes, .. Enumerable.Repeat(1L, tensor.Listed.Shape.Count - tensor.Parameter.Shape.Rank)]))]);
        Array.ForEach(all, tensor => writer.Write(tensor.Listed.Name, Array.ConvertAll(tensor.Parameter.Initialize(seed: 3), value => (Half)value)));
        writer.Commit();
    }

    private static float[] Halves(Parameter parameter) => Array.ConvertAll(parameter.Initialize(seed: 3), value => (float)(Half)value);

    private static float[] Values(TensorEntry tensor)
    {
        float[] values = new float[tensor.Elements];
        WeightConversion.ToFloats(tensor.Type, tensor.Slice(0, values.Length), values);
        return values;
    }

    private static byte[] Painted(string model)
    {
        using StableDiffusion painter = StableDiffusion.Load(model, new StableDiffusionOptions { Threads = 1 });
        return painter.Paint([new PaintRequest { Prompt = "a bus", Width = 16, Height = 16, Steps = 2 }])[0].Image.Pixels;
    }

    private static CommandLineRun Clouds(int expected, params string[] line)
    {
        CommandLineRun run = CommandLineRun.Clouds(line);
        Assert.True(run.ExitCode == expected, run.Error);
        return run;
    }
}
