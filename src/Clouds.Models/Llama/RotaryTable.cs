using Clouds.Graph.Building;

namespace Clouds.Models.Llama;

/// <summary>
/// Cosines and sines of the rotary position embedding (Su et al. 2021): the pair (i, i + C/2) of a head turns by position · θ^(-2i/C). Pairs lie half a head
/// apart, as in Hugging Face's files, whose query and key rows are ordered for it.
/// </summary>
internal static class RotaryTable
{
    /// <summary>Cosines and sines [positions, C/2] of positions 0, 1, ...</summary>
    public static (Value Cosines, Value Sines) Of(GraphBuilder g, LlamaConfig config, int positions)
    {
        int half = config.HeadSize / 2;
        double[] frequencies = [.. Enumerable.Range(0, half).Select(i => Frequency(config, (double)i / half))];
        float[] Table(Func<double, double> wave) => [.. Enumerable.Range(0, positions * half).Select(i => (float)wave(i / half * frequencies[i % half]))];
        return (g.Constant(Table(Math.Cos), positions, half), g.Constant(Table(Math.Sin), positions, half));
    }

    /// <summary>Turns the pairs of x [..., C] by tables [..., C/2] that are broadcast.</summary>
    public static Value Turn(GraphBuilder g, Value x, Value cosines, Value sines)
    {
        long half = x.Shape[-1].Size / 2;
        IReadOnlyList<Value> parts = g.Split(x, -1, half, half);
        Value first = g.Sub(g.Mul(parts[0], cosines), g.Mul(parts[1], sines));
        Value second = g.Add(g.Mul(parts[1], cosines), g.Mul(parts[0], sines));
        return g.Concat(-1, first, second);
    }

    private static double Frequency(LlamaConfig config, double share)
    {
        double frequency = Math.Pow(config.RopeTheta, -share);
        return config.RopeScaling?.Slow(frequency) ?? frequency;
    }
}
