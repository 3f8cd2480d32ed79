using Clouds.Graph.Building;
using Clouds.Models.Diffusion;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Golden.Modules;

/// <summary>Stable Diffusion's autoencoder, both ways.</summary>
internal sealed class AutoencoderModule : IGoldenModule
{
    public string Name => "sd_vae";

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        CaseGraph graph = new(golden);
        Autoencoder network = new(Config(golden.Config));
        graph.G.Output("decoded", network.Decode(graph.G, graph.Input("input.latents")));
        LatentDistribution latents = network.Encode(graph.G, graph.Input("input.image"));
        graph.G.Output("encoded.mean", latents.Mean);
        graph.G.Output("encoded.logvar", latents.LogVariance);
        return graph.Run(device, cancellation);
    }

    internal static AutoencoderConfig Config(CaseConfig config) => new()
    {
        Widths = config.Ints("block_out_channels"),
        Blocks = config.Int("layers_per_block"),
        Groups = config.Int("norm_num_groups"),
    };
}
