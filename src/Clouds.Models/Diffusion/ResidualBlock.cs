using Clouds.Graph.Building;

namespace Clouds.Models.Diffusion;

/// <summary>
/// The residual block of Stable Diffusion's UNet and autoencoder (diffusers: ResnetBlock2D): twice normalisation, SiLU and convolution, between them
/// the time where there is one, around all of it the input.
/// </summary>
/// <param name="Groups">Groups of its normalisations.</param>
/// <param name="Epsilon">Added to variances. UNet: 1e-5; autoencoder: 1e-6.</param>
internal sealed record ResidualBlock(int Groups, float Epsilon)
{
    /// <summary>Builds a block.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="x">[N, C, h, w].</param>
    /// <param name="time">[N, T]; null: the block knows no time.</param>
    /// <param name="outputs">D, channels of the result.</param>
    /// <param name="name">Where the parameters stand.</param>
    /// <returns>[N, D, h, w].</returns>
    public Value Build(GraphBuilder g, Value x, Value? time, int outputs, string name)
    {
        Value y = g.Conv(g.Silu(g.GroupNorm(x, $"{name}.norm1", Groups, Epsilon)), $"{name}.conv1", outputs, 3, pad: 1);
        if (time is not null)
        {
            Value shift = g.Linear(g.Silu(time), $"{name}.time_emb_proj", outputs);                            // [N, D]
            y = g.Add(y, g.Unsqueeze(g.Unsqueeze(shift, 2), 3));
        }

        y = g.Conv(g.Silu(g.GroupNorm(y, $"{name}.norm2", Groups, Epsilon)), $"{name}.conv2", outputs, 3, pad: 1);
        Value straight = x.Shape[1].Size == outputs ? x : g.Conv(x, $"{name}.conv_shortcut", outputs, 1);
        return g.Add(straight, y);
    }
}
