using Clouds.Runtime.Kernels;
using Clouds.Runtime.Sessions;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;

namespace Clouds.Verification.Golden.Modules;

/// <summary>What a training case wants to see: losses and norms of every step, first gradients, weights after the first and the last step.</summary>
internal sealed class TrainingRecord
{
    private readonly ParameterArena _arena;
    private readonly Dictionary<string, float[]> _losses = [];
    private readonly Dictionary<string, List<float>> _history = [];
    private readonly Dictionary<string, GoldenTensor> _outputs = [];

    public TrainingRecord(int predictions, GraphSession session, ParameterArena arena)
    {
        _arena = arena;
        int main = predictions - 1;
        foreach ((string loss, string name) in new[] { ("ce", "loss_ce"), ("mask", "loss_mask"), ("dice", "loss_dice") })
        {
            for (int p = 0; p < predictions; p++)
            {
                Bind(session, SourceGraph.LossOf(loss, p), p == main ? name : $"{name}_{p}");
            }
        }

        Bind(session, TrainingGraph.Loss, "loss_total");
    }

    /// <summary>Before the optimiser's step: the first step's gradients as clipping leaves them.</summary>
    public void TakeGradients(int step, double clip)
    {
        if (step != 0)
        {
            return;
        }

        double norm = new Optimizer(_arena.Layout).Norms(_arena.Buffer(ArenaPart.Gradients).Elements<float>());
        float scale = (float)Math.Min(1, clip / (norm + 1e-6));
        foreach (ParameterSlot slot in _arena.Slots)
        {
            float[] clipped = Array.ConvertAll(_arena.Span(ArenaPart.Gradients, slot.Name).ToArray(), gradient => gradient * scale);
            _outputs[$"step0.grad_clipped.{slot.Name}"] = new GoldenTensor(clipped, slot.Shape);
        }
    }

    /// <summary>After the optimiser's step.</summary>
    public void TakeStep(int step, double norm)
    {
        foreach ((string name, float[] value) in _losses)
        {
            _history[name].Add(value[0]);
        }

        _history.TryAdd("grad_norm", []);
        _history["grad_norm"].Add((float)norm);
        if (step == 0)
        {
            TakeWeights("after_step1");
        }
    }

    public IReadOnlyDictionary<string, GoldenTensor> Outputs()
    {
        TakeWeights("final");
        foreach ((string name, List<float> values) in _history)
        {
            _outputs[$"history.{name}"] = new GoldenTensor([.. values], values.Count);
        }

        return _outputs;
    }

    private void Bind(GraphSession session, string port, string name)
    {
        _losses[name] = new float[1];
        _history[name] = [];
        session.Bind<float>(port, _losses[name]);
    }

    private void TakeWeights(string prefix)
    {
        foreach (ParameterSlot slot in _arena.Slots)
        {
            _outputs[$"{prefix}.{slot.Name}"] = new GoldenTensor(_arena.Span(ArenaPart.Parameters, slot.Name).ToArray(), slot.Shape);
        }
    }
}
