using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Runtime.Devices;
using Clouds.Training.SourceTraining;

namespace Clouds.Verification.Golden.Modules;

/// <summary>Hungarian matching, point sampling, losses and their gradients, with the recorded draws.</summary>
internal sealed class CriterionModule : IGoldenModule
{
    public string Name => "criterion";

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        CaseConfig config = golden.Config;
        CriterionConfig criterionConfig = Criterion(config);
        RecordedTargets targets = new(golden, "", config.Ints("n_targets"), config.Int("num_queries"));
        string[] sets = ["main", .. Enumerable.Range(0, config.Int("aux")).Select(i => $"aux.{i}")];

        GraphBuilder g = new($"{golden.Module}/{golden.Name}");
        int[] target = config.Ints("target");
        CriterionPorts ports = new(criterionConfig, sets.Length, new StepShape(targets.Images, target[0], target[1], targets.Slots));
        CriterionInputs inputs = ports.In(g);
        SetCriterion criterion = new(criterionConfig);
        List<Value> wanted = [];
        List<PredictionLoss> losses = [];
        foreach ((string set, int i) in sets.Select((set, i) => (set, i)))
        {
            Value logits = Input(g, golden, $"input.{Prefix(set)}pred_logits");
            Value masks = Input(g, golden, $"input.{Prefix(set)}pred_masks");
            wanted.AddRange([logits, masks]);
            losses.Add(criterion.Build(g, logits, masks, inputs, inputs.Draws[i]));
            Publish(g, losses[i], set);
        }

        Value total = criterion.Total(g, losses);
        g.Output("loss_total", total);
        foreach ((Value value, Value gradient) in wanted.Zip(Gradients.Of(g, total, wanted)))
        {
            g.Output(value.Name.Replace("input.", "grad.", StringComparison.Ordinal), gradient);
        }

        GoldenTensor Feed(string name) => targets.Feed(name, ports, sets) ?? golden.Tensor(name);
        IReadOnlyDictionary<string, GoldenTensor> raw = GraphRun.Run(g, device, Feed, _ => [], cancellation);
        return targets.Unpad(raw, sets);
    }

    private static CriterionConfig Criterion(CaseConfig config) => new()
    {
        Points = config.Int("num_points"),
        Oversampling = config.Double("oversample_ratio"),
        UncertainShare = config.Double("importance_sample_ratio"),
        ClassWeight = config.Double("cost_class"),
        MaskWeight = config.Double("cost_mask"),
        DiceWeight = config.Double("cost_dice"),
        NoObjectWeight = config.Double("eos_coef"),
    };

    private static Value Input(GraphBuilder g, GoldenCase golden, string name) => g.Input(name, ElementType.Float, Shape.Of([.. golden.Tensor(name).Shape]));

    private static string Prefix(string set) => set == "main" ? "" : $"{set}.";

    private static void Publish(GraphBuilder g, PredictionLoss loss, string set)
    {
        string suffix = set == "main" ? "" : set.Replace("aux.", "_", StringComparison.Ordinal);
        g.Output($"loss.loss_ce{suffix}", loss.ClassLoss);
        g.Output($"loss.loss_mask{suffix}", loss.MaskLoss);
        g.Output($"loss.loss_dice{suffix}", loss.DiceLoss);
        g.Output($"cost.{set}", loss.Cost);
        g.Output($"queries.{set}", loss.Match.Queries);
        g.Output($"targets.{set}", loss.Match.Targets);
        g.Output($"points.{set}", loss.Points);
    }
}
