using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Models.Diffusion;
using Clouds.Models.Diffusion.Sampling;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Verification.Golden.Modules;

/// <summary>The steps of a sampling plan by <see cref="StepGraph"/>, image by image, and a record of them. Dispose it.</summary>
internal sealed class DenoisingRun : IDisposable
{
    private readonly SamplingPlan _plan;
    private readonly float[] _table;
    private readonly GraphSession _session;
    private readonly long[] _shape;
    private readonly long[] _text;
    private readonly float[] _latents;
    private readonly float[] _predictions;

    /// <param name="unet">A case with the UNet's weights.</param>
    /// <param name="config">Its sizes.</param>
    /// <param name="shape">[B, c, h, w].</param>
    /// <param name="plan">The steps.</param>
    /// <param name="guidance">Factor of guidance.</param>
    /// <param name="device">Where to compute.</param>
    public DenoisingRun(GoldenCase unet, UNetConfig config, IReadOnlyList<long> shape, SamplingPlan plan, double guidance, Device device)
    {
        const int Tokens = 77;
        (_plan, _table, _shape, _text) = (plan, StepTable.Of(plan, guidance), [.. shape], [1, Tokens, config.TextWidth]);
        StepShape step = new((int)shape[2], (int)shape[3], guidance > 1, StepTable.History(plan), StepTable.IsNoisy(plan));
        GraphBuilder g = StepGraph.Build(config, step, Tokens);
        _session = device.CreateSession(OnnxModel.Write(g));
        CaseGraph weights = new(unet);
        foreach (Parameter parameter in g.Parameters)
        {
            _session.Bind<float>(parameter.Name, weights.Weight(parameter), parameter.Shape.Sizes);
        }

        _latents = new float[plan.Steps.Count * _shape.Aggregate((a, b) => a * b)];
        _predictions = new float[_latents.Length];
    }

    /// <summary>[steps, B, c, h, w]: latents after each step.</summary>
    public GoldenTensor Latents => new(_latents, [_plan.Steps.Count, .. _shape]);

    /// <summary>[steps, B, c, h, w]: guided predictions.</summary>
    public GoldenTensor Predictions => new(_predictions, [_plan.Steps.Count, .. _shape]);

    /// <summary>Runs it.</summary>
    /// <param name="noise">[B, c, h, w], of unit deviation.</param>
    /// <param name="negative">Vectors of the negative prompt, of each image.</param>
    /// <param name="text">Those of the prompt.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The last latents [B, c, h, w].</returns>
    public GoldenTensor Run(float[] noise, float[][] negative, float[][] text, CancellationToken cancellation)
    {
        int each = noise.Length / (int)_shape[0];
        float[] last = Array.ConvertAll(noise, value => (float)(_plan.Start * value));
        for (int image = 0; image < _shape[0]; image++)
        {
            Bind(StepGraph.Text, text[image], _text);
            Bind(StepGraph.Negative, negative[image], _text);
            float[] end = Run(last.AsSpan(image * each, each).ToArray(), image * each, noise.Length, cancellation);
            end.CopyTo(last, image * each);
        }

        return new GoldenTensor(last, _shape);
    }

    public void Dispose() => _session.Dispose();

    private float[] Run(float[] latents, int place, int batch, CancellationToken cancellation)
    {
        long[] map = [1, .. _shape[1..]];
        float[] before = latents;
        List<float[]> directions = [];
        for (int i = 0; i < _plan.Steps.Count; i++)
        {
            (float[] next, float[] prediction, float[] direction) = (new float[latents.Length], new float[latents.Length], new float[latents.Length]);
            Bind(StepGraph.Row, _table[(i * StepTable.Width)..((i + 1) * StepTable.Width)], StepTable.Width);
            Bind(StepGraph.Latents, latents, map);
            Bind(StepGraph.Base, _plan.Steps[i].Again ? before : latents, map);
            for (int ago = 1; ago <= StepTable.History(_plan); ago++)
            {
                Bind(StepGraph.Remembered(ago), ago <= directions.Count ? directions[ago - 1] : new float[latents.Length], map);
            }

            Bind(StepGraph.Next, next, map);
            Bind(StepGraph.Prediction, prediction, map);
            Bind(StepGraph.Direction, direction, map);
            _session.Run(cancellation);
            next.CopyTo(_latents, (i * batch) + place);
            prediction.CopyTo(_predictions, (i * batch) + place);
            (before, latents) = (latents, next);
            if (_plan.Steps[i].Remembered)
            {
                directions.Insert(0, direction);
            }
        }

        return latents;
    }

    // Without guidance there is no negative prompt.
    private void Bind(string port, float[] values, params long[] shape)
    {
        if (_session.Inputs.Concat(_session.Outputs).Any(known => known.Name == port))
        {
            _session.Bind<float>(port, values, shape);
        }
    }
}
