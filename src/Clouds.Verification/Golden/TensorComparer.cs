using System.Text.Json;

namespace Clouds.Verification.Golden;

/// <summary>
/// Compares computed tensors with a case's expected ones under the rules of its case.json: |got - want| ≤ atol + rtol·|want|
/// for floats, equality for whole numbers, and the few special rules under `compare`.
/// </summary>
internal sealed class TensorComparer
{
    private readonly GoldenCase _golden;
    private readonly IReadOnlyDictionary<string, GoldenTensor> _expected;

    public TensorComparer(GoldenCase golden, IReadOnlyDictionary<string, GoldenTensor> expected)
    {
        _golden = golden;
        _expected = expected;
    }

    /// <summary>One row for each expected tensor.</summary>
    public IReadOnlyList<TensorResult> Compare(IReadOnlyDictionary<string, GoldenTensor> outputs) =>
        [.. _expected.Select(pair =>
            outputs.TryGetValue(pair.Key, out GoldenTensor? got) ? Compare(pair.Key, got, pair.Value) : Failed(pair.Key, "the module did not compute it"))];

    private TensorResult Compare(string name, GoldenTensor got, GoldenTensor want)
    {
        if (!got.Shape.SequenceEqual(want.Shape))
        {
            return Failed(name, $"shape {got.ShapeText}, expected {want.ShapeText}");
        }

        JsonElement? rule = _golden.Tolerances.Rule(name);
        string kind = rule is null ? "plain" : Text(rule.Value, "rule") ?? "without a name";
        return kind switch
        {
            "plain" => Plain(name, got, want, skipNaN: false),
            "skip_nan" => Plain(name, got, want, skipNaN: true),
            "close" or "max_abs" => Tolerance.Read(rule!.Value) is Tolerance close
                ? Elementwise(name, got, want, close, false)
                : Failed(name, $"the rule '{kind}' has no tolerance"),
            "equal_unless_tie" => UnlessTie(name, got, want, rule!.Value),
            "equal_unless_near" => UnlessNear(name, got, want, rule!.Value),
            "set_per_row" => new TensorResult(name, PointSets.Ratio(got, want, Number(rule!.Value, "atol") ?? 1e-7)),
            "membership" => Membership(name, got, rule!.Value),
            _ => Failed(name, $"the rule '{kind}' of case.json is unknown"),
        };
    }

    private TensorResult Plain(string name, GoldenTensor got, GoldenTensor want, bool skipNaN)
    {
        if (got.IsFloat && !want.IsFloat)
        {
            return Failed(name, "computed as floats, expected whole numbers");
        }

        Tolerance? tolerance = _golden.Tolerances.Find(name) ?? (want.IsFloat ? null : Tolerance.Exact);
        return tolerance is null ? Failed(name, "case.json gives no tolerance for it") : Elementwise(name, got, want, tolerance, skipNaN);
    }

    private TensorResult Elementwise(string name, GoldenTensor got, GoldenTensor want, Tolerance tolerance, bool skipNaN)
    {
        IReadOnlyList<CaseTolerances.SpecialSlice> slices = _golden.Tolerances.Slices(name);
        return Worst(name, got, want, i =>
        {
            if (skipNaN && double.IsNaN(want[i]))
            {
                return 0;
            }

            Tolerance here = slices.FirstOrDefault(slice => slice.Holds(i, want.Shape))?.Tolerance ?? tolerance;
            return here.Ratio(got[i], want[i]);
        });
    }

    // labels [..., H, W] against scores [..., K, H, W]: another class is right where its score is as good as the best.
    private TensorResult UnlessTie(string name, GoldenTensor got, GoldenTensor want, JsonElement rule)
    {
        if (Reference(rule, out string? why) is not (GoldenTensor scores, double atol))
        {
            return Failed(name, why!);
        }

        int axis = Math.Max(0, scores.Shape.Count - 3);
        if (scores.Shape.Count != want.Shape.Count + 1 || !scores.Shape.Where((_, i) => i != axis).SequenceEqual(want.Shape))
        {
            return Failed(name, $"scores {scores.ShapeText} do not belong to labels {want.ShapeText}");
        }

        int classes = (int)scores.Shape[axis];
        int plane = (int)scores.Shape.Skip(axis + 1).Aggregate(1L, (a, b) => a * b);
        return Worst(name, got, want, i => got[i] == want[i] ? 0 : ScoreGap(scores, i, classes, plane, got[i], want[i]) / (2 * atol));
    }

    private static double ScoreGap(GoldenTensor scores, int pixel, int classes, int plane, double got, double want)
    {
        int start = (pixel / plane * classes * plane) + (pixel % plane);
        return got >= 0 && got < classes ? scores[start + ((int)want * plane)] - scores[start + ((int)got * plane)] : double.PositiveInfinity;
    }

    private TensorResult UnlessNear(string name, GoldenTensor got, GoldenTensor want, JsonElement rule)
    {
        if (Reference(rule, out string? why) is not (GoldenTensor logits, double atol))
        {
            return Failed(name, why!);
        }

        double threshold = Number(rule, "threshold") ?? 0;
        return logits.Elements != want.Elements
            ? Failed(name, $"logits {logits.ShapeText} do not belong to masks {want.ShapeText}")
            : Worst(name, got, want, i => got[i] == want[i] ? 0 : Math.Abs(logits[i] - threshold) / atol);
    }

    private TensorResult Membership(string name, GoldenTensor got, JsonElement rule)
    {
        string masks = Text(rule, "tensor") ?? "components.masks";
        string? problem = _golden.Has(masks) ? PointSets.NotMembers(got, _golden.Tensor(masks)) : $"the case has no tensor '{masks}'";
        return problem is null ? new TensorResult(name, 0) : Failed(name, problem);
    }

    private (GoldenTensor Tensor, double Atol)? Reference(JsonElement rule, out string? why)
    {
        string? name = Text(rule, "tensor");
        why = null;
        if (name is not null && _golden.Has(name) && _golden.Tolerances.Find(name) is Tolerance tolerance)
        {
            return (_golden.Tensor(name), tolerance.Absolute);
        }

        why = $"the rule's tensor '{name}' is not in the case or has no tolerance";
        return null;
    }

    private static TensorResult Worst(string name, GoldenTensor got, GoldenTensor want, Func<int, double> ratio)
    {
        double worst = 0;
        int at = -1;
        for (int i = 0; i < want.Elements; i++)
        {
            double here = ratio(i);
            if (here > worst || double.IsNaN(here))
            {
                (worst, at) = (double.IsNaN(here) ? double.PositiveInfinity : here, i);
            }
        }

        return new TensorResult(name, worst, at < 0 ? null : FormattableString.Invariant($"at {Place(at, want.Shape)}: {got[at]:R}, expected {want[at]:R}"));
    }

    private static string Place(long element, IReadOnlyList<long> shape)
    {
        long[] place = new long[shape.Count];
        for (int axis = shape.Count - 1; axis >= 0; axis--)
        {
            (element, place[axis]) = Math.DivRem(element, shape[axis]);
        }

        return $"[{string.Join(", ", place)}]";
    }

    private static TensorResult Failed(string name, string why) => new(name, double.PositiveInfinity, why);

    private static string? Text(JsonElement rule, string key) =>
        rule.ValueKind == JsonValueKind.Object && rule.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static double? Number(JsonElement rule, string key) => rule.TryGetProperty(key, out JsonElement value) ? CaseConfig.Number(value) : null;
}
