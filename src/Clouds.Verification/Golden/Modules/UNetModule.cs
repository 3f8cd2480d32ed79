using System.Globalization;
using Clouds.Graph.Building;
using Clouds.Models.Diffusion;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Golden.Modules;

/// <summary>Stable Diffusion's UNet: one prediction for each recorded pair of latents and time.</summary>
/// <param name="name">"sd_unet" or "sd2_unet".</param>
internal sealed class UNetModule(string name) : IGoldenModule
{
    private const string Fractional = "input.timestep_fractional";

    public string Name => name;

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        CaseGraph graph = new(golden);
        UNet network = new(Config(golden.Config));
        Value text = graph.Input("input.encoder_hidden_states");
        Dictionary<string, Value> samples = [];
        foreach (string output in golden.OutputNames)
        {
            string sample = output[..output.IndexOf(".t", StringComparison.Ordinal)].Replace("output", "input.sample", StringComparison.Ordinal);
            Value latents = samples.TryGetValue(sample, out Value? known) ? known : samples[sample] = graph.Input(sample);
            graph.G.Output(output, network.Build(graph.G, latents, Time(graph.G, golden, output, latents.Shape[0]), text));
        }

        return graph.Run(device, cancellation);
    }

    internal static UNetConfig Config(CaseConfig config)
    {
        int[] widths = config.Ints("block_out_channels");
        bool same = config["attention_head_dim"].ValueKind == System.Text.Json.JsonValueKind.Number;
        return new UNetConfig
        {
            Widths = widths,
            Heads = same ? [.. widths.Select(_ => config.Int("attention_head_dim"))] : config.Ints("attention_head_dim"),
            TextResolutions = widths.Length - 1,
            Blocks = config.Int("layers_per_block"),
            TextWidth = config.Int("cross_attention_dim"),
            Groups = config.Int("norm_num_groups"),
            LinearProjection = config.Bool("use_linear_projection", absent: !same),
        };
    }

    // "output.t481" is for time 481.
    private static Value Time(GraphBuilder g, GoldenCase golden, string output, Dim images)
    {
        string text = output[(output.IndexOf(".t", StringComparison.Ordinal) + 2)..];
        float time = text == "_fractional" ? (float)golden.Tensor(Fractional)[0] : float.Parse(text, CultureInfo.InvariantCulture);
        return g.Constant([.. Enumerable.Repeat(time, (int)images.Size)], images.Size);
    }
}
