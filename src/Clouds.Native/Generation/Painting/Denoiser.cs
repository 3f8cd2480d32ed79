using Clouds.Models.Diffusion.Sampling;
using Clouds.Native.Generation.Weights;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Generation.Painting;

/// <summary>
/// Denoises latent images of one <see cref="StepShape"/>, one at a time. Latents, directions and factors lie where the session's tensors lie: from the start
/// noise to the last latents nothing is copied; buffers trade places between steps.
/// </summary>
internal sealed class Denoiser : IDisposable
{
    private readonly long[] _map;
    private readonly int _tokens;
    private readonly int _width;
    private readonly StepShape _shape;
    private readonly GraphSession _session;
    private readonly List<TensorMemory<float>> _directions = [];
    private readonly OwnedParts _owned = new();
    private readonly Func<long, TensorMemory<float>> _allocate;
    private TensorMemory<float> _now;
    private TensorMemory<float> _before;
    private TensorMemory<float> _free;
    private readonly TensorMemory<float> _prediction;

    /// <param name="networks">The networks; they outlive this object.</param>
    /// <param name="shape">Sizes and what there is.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Device: no memory; everything is given back then.</exception>
    public Denoiser(DiffusionNetworks networks, StepShape shape)
    {
        (_shape, _tokens, _width) = (shape, networks.Config.TextEncoder.Context, networks.Config.UNet.TextWidth);
        _map = [1, networks.Config.UNet.Latents, shape.Height, shape.Width];
        _allocate = length => new TensorMemory<float>(networks.Device, length);
        _session = _owned.Add(() => networks.Open(StepGraph.Build(networks.Config.UNet, shape, _tokens), DiffusionPart.UNet, networks.Half));
        (_now, _before, _free, _prediction) = (Map(), Map(), Map(), Map());
        while (_directions.Count <= shape.History)
        {
            _directions.Add(Map());
        }
    }

    /// <summary>The latent image as it is now; what is written there before <see cref="Run"/> is where it begins.</summary>
    public TensorMemory<float> Latents => _now;

    /// <summary>What the network predicted last, guided.</summary>
    public TensorMemory<float> Prediction => _prediction;

    /// <summary>Elements of a latent image.</summary>
    public long Elements => _map.Aggregate(1L, (product, size) => product * size);

    /// <summary>Latents [1, c, h, w].</summary>
    public long[] Shape => [.. _map];

    /// <summary>Runs a plan from <see cref="Latents"/> on.</summary>
    /// <param name="plan">The plan, of as much history and noise as this was made for.</param>
    /// <param name="guidance">Factor of guidance.</param>
    /// <param name="seed">Of fresh noise.</param>
    /// <param name="text">Vectors of the prompt.</param>
    /// <param name="negative">Those of the negative prompt; not read where there is no guidance.</param>
    /// <param name="done">Told the number of each step that is done, from 1.</param>
    /// <param name="stop">Ends it.</param>
    public void Run(
        SamplingPlan plan, double guidance, long seed, TensorMemory<float> text, TensorMemory<float> negative, Action<int>? done, CancellationToken stop)
    {
        using TensorMemory<float> table = _allocate(StepTable.Width * plan.Steps.Count);
        using TensorMemory<float>? noise = _shape.Noisy ? FreshNoise(plan, seed) : null;
        table.Write(StepTable.Of(plan, guidance));
        _directions.ForEach(direction => direction.Clear());
        text.Bind(_session, StepGraph.Text, 1, _tokens, _width);
        if (_shape.Guided)
        {
            negative.Bind(_session, StepGraph.Negative, 1, _tokens, _width);
        }

        for (int i = 0; i < plan.Steps.Count; i++)
        {
            table.BindPart(_session, StepGraph.Row, (long)i * StepTable.Width, StepTable.Width);
            noise?.BindPart(_session, StepGraph.Noise, i * Elements, _map);
            Step(plan.Steps[i], stop);
            done?.Invoke(i + 1);
        }
    }

    /// <summary>The clean image that the last step saw, from what it was told and predicted; copies both from the device.</summary>
    public float[] Clean(SamplingStep last)
    {
        float[] clean = _before.Read(), prediction = _prediction.Read();
        for (int i = 0; i < clean.Length; i++)
        {
            clean[i] = (float)((last.Clean.Sample * clean[i]) + (last.Clean.Output * prediction[i]));
        }

        return clean;
    }

    public void Dispose() => _owned.Dispose();

    private void Step(SamplingStep step, CancellationToken stop)
    {
        _now.Bind(_session, StepGraph.Latents, _map);
        (step.Again ? _before : _now).Bind(_session, StepGraph.Base, _map);
        _free.Bind(_session, StepGraph.Next, _map);
        _prediction.Bind(_session, StepGraph.Prediction, _map);
        _directions[0].Bind(_session, StepGraph.Direction, _map);
        for (int ago = 1; ago <= _shape.History; ago++)
        {
            _directions[ago].Bind(_session, StepGraph.Remembered(ago), _map);
        }

        _session.Run(stop);
        (_before, _now, _free) = (_now, _free, _before);
        if (step.Remembered && _shape.History > 0)
        {
            _directions.Insert(0, _directions[^1]);
            _directions.RemoveAt(_directions.Count - 1);
        }
    }

    private TensorMemory<float> Map() => _owned.Add(() => _allocate(Elements));

    private TensorMemory<float> FreshNoise(SamplingPlan plan, long seed)
    {
        TensorMemory<float> memory = _allocate(plan.Steps.Count * Elements);
        float[] noise = new float[memory.Length];
        for (int i = 0; i < plan.Steps.Count; i++)
        {
            LatentNoise.Fill(noise.AsSpan(i * (int)Elements, (int)Elements), seed, LatentNoise.Start + 1 + i);
        }

        memory.Write(noise);
        return memory;
    }
}
