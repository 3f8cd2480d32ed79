using Clouds.Graph.Building;

namespace Clouds.Models.Diffusion.Sampling;

/// <summary>What tells the graph of one step from those of others.</summary>
/// <param name="Height">Rows of the latent image.</param>
/// <param name="Width">Its columns.</param>
/// <param name="Guided">Whether the negative prompt is asked too.</param>
/// <param name="History">Directions that are remembered from calls before, 0..3.</param>
/// <param name="Noisy">Whether fresh noise is added.</param>
public readonly record struct StepShape(int Height, int Width, bool Guided, int History, bool Noisy);

/// <summary>
/// A whole step of denoising as one graph: the UNet, with and without the prompt; guidance, m = u + g (c - u) (Ho and Salimans 2022); and the sampler's sum
/// (<see cref="SamplingStep"/>), whose factors are an input.
/// </summary>
public static class StepGraph
{
    /// <summary>Input: the latent image [1, c, h, w].</summary>
    public const string Latents = "latents";

    /// <summary>Input: the latent image that the step starts from, the same one or that of the step before.</summary>
    public const string Base = "base";

    /// <summary>Input: a row of <see cref="StepTable"/>.</summary>
    public const string Row = "row";

    /// <summary>Input: the prompt's vectors [1, L, T].</summary>
    public const string Text = "text";

    /// <summary>Input where there is guidance: the negative prompt's vectors [1, L, T].</summary>
    public const string Negative = "negative";

    /// <summary>Input where there is any: fresh unit noise [1, c, h, w].</summary>
    public const string Noise = "noise";

    /// <summary>Output: the next latent image.</summary>
    public const string Next = "next";

    /// <summary>Output: what the network predicts, guided.</summary>
    public const string Prediction = "prediction";

    /// <summary>Output: the direction, for later steps.</summary>
    public const string Direction = "direction";

    /// <summary>Input: the direction of some calls ago, 1 or more.</summary>
    public static string Remembered(int ago) => $"direction.{ago}";

    // c latents · h×w latent cells · L tokens · T their width
    /// <summary>Builds it.</summary>
    /// <param name="config">The denoiser.</param>
    /// <param name="shape">Sizes and what there is.</param>
    /// <param name="tokens">L.</param>
    public static GraphBuilder Build(UNetConfig config, StepShape shape, int tokens)
    {
        GraphBuilder g = new("step");
        Value Map(string name) => g.Input(name, ElementType.Float, [1, config.Latents, shape.Height, shape.Width]);
        Value Words(string name) => g.Input(name, ElementType.Float, [1, tokens, config.TextWidth]);
        (Value x, Value from, Value row, Value text) = (Map(Latents), Map(Base), g.Input(Row, ElementType.Float, [StepTable.Width]), Words(Text));
        Value Factor(int place) => g.Slice(row, 0, place, place + 1);
        Value seen = g.Mul(x, Factor(StepTable.InputScale)), time = Factor(StepTable.Time);
        Value m = shape.Guided
            ? Guide(g, new UNet(config).Build(g, g.Concat(0, seen, seen), g.Concat(0, time, time), g.Concat(0, Words(Negative), text)), Factor)
            : new UNet(config).Build(g, seen, time, text);
        Value direction = g.Add(g.Mul(x, Factor(StepTable.OfSample)), g.Mul(m, Factor(StepTable.OfOutput)));
        Value next = g.Add(g.Mul(from, Factor(StepTable.Keep)), g.Mul(direction, Factor(StepTable.Weights)));
        for (int ago = 1; ago <= shape.History; ago++)
        {
            next = g.Add(next, g.Mul(Map(Remembered(ago)), Factor(StepTable.Weights + ago)));
        }

        g.Output(Next, shape.Noisy ? g.Add(next, g.Mul(Map(Noise), Factor(StepTable.Noise))) : next);
        g.Output(Prediction, m);
        g.Output(Direction, direction);
        return g;
    }

    private static Value Guide(GraphBuilder g, Value both, Func<int, Value> factor)
    {
        Value without = g.Slice(both, 0, 0, 1), with = g.Slice(both, 0, 1, 2);
        return g.Add(without, g.Mul(g.Sub(with, without), factor(StepTable.Guidance)));
    }
}
