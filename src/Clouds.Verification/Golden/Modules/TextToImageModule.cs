using Clouds.Graph.Building;
using Clouds.Models.Diffusion;
using Clouds.Models.Diffusion.Sampling;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Golden.Modules;

/// <summary>
/// Stable Diffusion from tokens to pixels. The weights are those of the cases of the same name beside it: text encoder, UNet, and, where the case has none of
/// its own, autoencoder.
/// </summary>
/// <param name="name">"sd_text2image" or "sd2_text2image".</param>
internal sealed class TextToImageModule(string name) : IGoldenModule
{
    private readonly string _family = name[..name.IndexOf('_', StringComparison.Ordinal)];

    public string Name => name;

    public bool Supports(GoldenCase golden, out string? why)
    {
        why = NamedSampler.KindOf(golden.Config) is null ? $"the sampler {golden.Config.Text("t2i")}" : null;
        return why is null;
    }

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        SamplingPlan plan = NamedSampler.Of(golden.Config).Plan(golden.Config.Int("steps"));
        Dictionary<string, GoldenTensor> outputs = [];
        (float[][] negative, float[][] text) = Encode(golden, device, outputs, cancellation);
        using GoldenCase unet = Beside(golden, "unet");
        GoldenTensor noise = golden.Tensor("input.latents");
        using DenoisingRun run = new(unet, UNetModule.Config(unet.Config), noise.Shape, plan, golden.Config.Double("guidance"), device);
        GoldenTensor latents = run.Run(noise.AsFloats(), negative, text, cancellation);
        string predictions = golden.Has("guided_v_per_step") ? "guided_v_per_step" : "guided_noise_per_step";
        (outputs["latents_per_step"], outputs[predictions]) = (run.Latents, run.Predictions);
        outputs["timesteps"] = golden.Tensor("timesteps").IsFloat
            ? new GoldenTensor([.. plan.Steps.Select(step => step.Time)], plan.Steps.Count)
            : new GoldenTensor([.. plan.Steps.Select(step => (long)step.Time)], plan.Steps.Count);
        outputs["sigmas"] = new GoldenTensor([.. plan.Sigmas], plan.Sigmas.Count);
        foreach ((string output, GoldenTensor value) in Decode(golden, latents, device, cancellation))
        {
            outputs[output] = value;
        }

        return outputs;
    }

    // Unconditional ones first; prompts of a batch share one where there is but one.
    private (float[][] Negative, float[][] Text) Encode(
        GoldenCase golden, Device device, Dictionary<string, GoldenTensor> outputs, CancellationToken cancellation)
    {
        using GoldenCase encoder = Beside(golden, "text_encoder");
        TextEncoderConfig config = TextEncoderModule.Config(encoder.Config);
        int images = (int)golden.Tensor("input.tokens").Shape[0];
        long[] prompts = golden.Tensor("input.tokens").AsIntegers(), empty = golden.Tensor("input.uncond_tokens").AsIntegers();
        long[] negative = [.. Enumerable.Range(0, prompts.Length).Select(i => empty[i % empty.Length])];
        GraphBuilder g = new("text");
        Value tokens = g.Input("tokens", ElementType.Int64, [2 * images, config.Context]);
        g.Output("text_embeddings", new TextEncoder(config).Build(g, tokens));
        CaseGraph weights = new(encoder);
        GoldenTensor both = new([.. negative, .. prompts], 2 * images, config.Context);
        GoldenTensor vectors = outputs["text_embeddings"] = GraphRun.Run(g, device, _ => both, weights.Weight, cancellation)["text_embeddings"];
        float[][] rows = [.. vectors.AsFloats().Chunk(vectors.Elements / (2 * images))];
        return (rows[..images], rows[images..]);
    }

    private IReadOnlyDictionary<string, GoldenTensor> Decode(GoldenCase golden, GoldenTensor latents, Device device, CancellationToken cancellation)
    {
        bool own = File.Exists(Path.Combine(golden.Folder, "weights.safetensors"));
        using GoldenCase? beside = own ? null : Beside(golden, "vae");
        GraphBuilder g = new("decode");
        Value z = g.Mul(g.Input("latents", ElementType.Float, Shape.Of([.. latents.Shape])), (float)(1 / golden.Config.Double("vae_scaling", 0.18215)));
        Value image = new Autoencoder(AutoencoderModule.Config(golden.Config.Section("vae"))).Decode(g, z), shown = Autoencoder.Shown(g, image);
        g.Output("decoded", image);
        g.Output("image01", shown);
        g.Output("image_u8", g.Cast(Autoencoder.Pixels(g, shown), ElementType.Int64));
        return GraphRun.Run(g, device, _ => latents, new CaseGraph(beside ?? golden).Weight, cancellation);
    }

    private GoldenCase Beside(GoldenCase golden, string part) =>
        GoldenCase.Load(Path.Combine(golden.Folder, "..", "..", $"{(part == "vae" ? "sd" : _family)}_{part}", Path.GetFileName(golden.Folder)));
}
