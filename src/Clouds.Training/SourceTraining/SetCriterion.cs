using Clouds.Graph.Building;
using Clouds.Models.MaskClassifier;

namespace Clouds.Training.SourceTraining;

/// <summary>What one prediction contributes to the loss, and how it was matched.</summary>
/// <param name="ClassLoss">Weighted cross-entropy, a scalar, not yet weighted.</param>
/// <param name="MaskLoss">Mask cross-entropy, a scalar.</param>
/// <param name="DiceLoss">Dice loss, a scalar.</param>
/// <param name="Cost">Matching cost [N, Q, T].</param>
/// <param name="Match">The assignment.</param>
/// <param name="Points">Loss points [N·T, P, 2].</param>
public sealed record PredictionLoss(Value ClassLoss, Value MaskLoss, Value DiceLoss, Value Cost, Match Match, Value Points);

/// <summary>An assignment: pairs in ascending order of the query fill the first slots of each image.</summary>
/// <param name="Queries">int64 [N, T].</param>
/// <param name="Targets">int64 [N, T].</param>
/// <param name="Matched">float [N, T], 1 = a pair, 0 = an empty slot.</param>
public sealed record Match(Value Queries, Value Targets, Value Matched);

/// <summary>
/// Mask2Former's loss as graph nodes: Hungarian matching, uncertain points, mask cross-entropy, dice, class cross-entropy, the same for
/// every prediction (method.md section 2). Shapes are static: an image's targets are padded to T slots, and empty slots weigh nothing.
/// </summary>
/// <param name="config">Weights and numbers of points.</param>
public sealed class SetCriterion(CriterionConfig config)
{
    // N images · Q queries · K classes · T target slots · P points · h×w mask logits
    /// <summary>The loss terms of one prediction.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="classLogits">[N, Q, K + 1].</param>
    /// <param name="maskLogits">[N, Q, h, w].</param>
    /// <param name="targets">Targets and draws.</param>
    /// <param name="draws">This prediction's draws.</param>
    public PredictionLoss Build(GraphBuilder g, Value classLogits, Value maskLogits, CriterionInputs targets, PointDraws draws)
    {
        (Value cost, Match match) = Assign(g, classLogits, maskLogits, targets, draws);
        return Losses(g, classLogits, MatchedPlanes(g, maskLogits, match.Queries), targets, cost, match, draws);
    }

    /// <summary>
    /// The loss terms of all predictions. The masks of matched queries are computed once more, those of all predictions in one product: what gradients
    /// pass is T rows a prediction, where Q - T of the Q rows of its mask logits would bring zeros.
    /// </summary>
    public IReadOnlyList<PredictionLoss> Build(GraphBuilder g, IReadOnlyList<Prediction> predictions, CriterionInputs targets)
    {
        (Value Cost, Match Match)[] assigned =
            [.. predictions.Select((p, i) => Assign(g, p.ClassLogits, p.MaskLogits, targets, targets.Draws[i]))];
        Value[] masks = MatchedMasks(g, predictions, [.. assigned.Select(pair => pair.Match.Queries)]);         // [N·T, 1, h, w] each
        return [.. predictions.Select((p, i) =>
            Losses(g, p.ClassLogits, masks[i], targets, assigned[i].Cost, assigned[i].Match, targets.Draws[i]))];
    }

    /// <summary>The weighted sum of all terms of all predictions (deep supervision: equal weights).</summary>
    public Value Total(GraphBuilder g, IReadOnlyList<PredictionLoss> losses)
    {
        IEnumerable<Value> terms = losses.SelectMany(loss => new[]
        {
            g.Mul(loss.ClassLoss, (float)config.ClassWeight), g.Mul(loss.MaskLoss, (float)config.MaskWeight), g.Mul(loss.DiceLoss, (float)config.DiceWeight),
        });
        return terms.Aggregate(g.Add);
    }

    private (Value Cost, Match Match) Assign(GraphBuilder g, Value classLogits, Value maskLogits, CriterionInputs targets, PointDraws draws)
    {
        using IDisposable single = g.InSingle();
        Value cost = Cost(g, classLogits, maskLogits, targets, draws.Matcher);                                  // [N, Q, T]
        (Value queries, Value matchedTargets, Value matched) = g.Assign(cost, targets.Valid);                   // [N, T] each
        return (cost, new Match(queries, matchedTargets, matched));
    }

    private PredictionLoss Losses(
        GraphBuilder g, Value classLogits, Value masks, CriterionInputs targets, Value cost, Match match, PointDraws draws)
    {
        using IDisposable single = g.InSingle();
        Value classLoss = ClassLoss(g, classLogits, targets, match);
        classLoss = targets.ClassScale is Value scale ? g.Mul(classLoss, scale) : classLoss;
        (Value maskLoss, Value diceLoss, Value points) = MaskLosses(g, masks, targets, match, draws);
        return new PredictionLoss(classLoss, maskLoss, diceLoss, cost, match, points);
    }

    // cost[q, t] = λ_mask · BCE + λ_cls · (-p_q(class of t)) + λ_dice · dice, on points that all queries and targets of an image share.
    private Value Cost(GraphBuilder g, Value classLogits, Value maskLogits, CriterionInputs targets, Value points) => targets.Labelled is Value labelled
        ? new WeightedCost(config).Build(g, classLogits, maskLogits, targets, points, LabelledPoints.Weights(g, labelled, points))
        : g.MatchingCost(
            classLogits, maskLogits, targets.Labels, targets.Masks, targets.Valid, points,
            (float)config.ClassWeight, (float)config.MaskWeight, (float)config.DiceWeight);

    // Every query learns its target's class, an unmatched one "no object" at a lower weight; the mean is weighted too.
    private Value ClassLoss(GraphBuilder g, Value logits, CriterionInputs targets, Match match)
    {
        (long queries, long classes) = (logits.Shape[1].Size, logits.Shape[2].Size - 1);
        Value isQuery = g.Mul(OneHot.Of(g, match.Queries, queries), g.Unsqueeze(match.Matched, 2));             // [N, T, Q]
        Value isClass = OneHot.Of(g, g.GatherElements(targets.Labels, match.Targets, 1), classes);              // [N, T, K]
        Value target = g.MatMul(g.Transpose(isQuery, 0, 2, 1), isClass);                                        // [N, Q, K]
        Value noObject = g.Sub(1f, g.ReduceSum(target, -1));                                                    // [N, Q, 1]
        Value weighted = g.Concat(2, target, g.Mul(noObject, (float)config.NoObjectWeight));                    // [N, Q, K+1]
        Value terms = g.Mul(weighted, g.LogSoftmax(logits));
        Value counted = targets.ImageWeights is Value images ? g.Mul(terms, g.Reshape(images, [images.Shape[0], 1, 1])) : terms;
        return g.Neg(g.Div(g.SumAll(counted), g.SumAll(weighted)));
    }

    private (Value MaskLoss, Value DiceLoss, Value Points) MaskLosses(GraphBuilder g, Value prediction, CriterionInputs targets, Match match, PointDraws draws)
    {
        Value target = MatchedPlanes(g, targets.Masks, match.Targets);                                          // [N·T, 1, H, W]
        Value uncertain = g.UncertainPoints(Sample(g, g.Detach(prediction), draws.Candidates), draws.Candidates, config.Uncertain);
        Value points = g.Concat(1, uncertain, draws.Fresh);                                                     // [N·T, P, 2]
        Value x = Sample(g, prediction, points);                                                                // [N·T, P]
        Value t = Sample(g, target, points);                                                                    // [N·T, P]

        Value slots = g.Reshape(SlotWeights(g, match, targets), [x.Shape[0], 1]);
        Value PerMask(Value loss) => g.Div(g.SumAll(g.Mul(loss, slots)), targets.NumMasks);
        (Value crossEntropy, Value dice) = Terms(g, x, t, PointWeights(g, targets, points));                    // [N·T, 1] each
        return (PerMask(crossEntropy), PerMask(dice), points);
    }

    // Without weights points weigh 1.
    private static (Value CrossEntropy, Value Dice) Terms(GraphBuilder g, Value x, Value t, Value? weights)
    {
        Value Weighted(Value value) => weights is null ? value : g.Mul(value, weights);
        Value Sum(Value value) => g.ReduceSum(Weighted(value), -1);
        Value entropy = g.Sub(g.Softplus(x), g.Mul(x, t));                                                      // [N·T, P]
        Value s = g.Sigmoid(x);
        Value mean = weights is null ? g.ReduceMean(entropy, -1) : g.Div(Sum(entropy), LabelledPoints.Count(g, weights));
        return (mean, Dice(g, Sum(g.Mul(s, t)), Sum(s), Sum(t)));
    }

    // The points of an image's slots lie one behind the other, so they are looked up in one map.
    private static Value? PointWeights(GraphBuilder g, CriterionInputs targets, Value points)
    {
        if (targets.Labelled is not Value labelled)
        {
            return null;
        }

        (Dim rows, Dim count, Dim images) = (points.Shape[0], points.Shape[1], labelled.Shape[0]);
        Value ofImage = g.Reshape(points, [images, rows.Size / images.Size * count.Size, 2]);
        return g.Reshape(LabelledPoints.Weights(g, labelled, ofImage), [rows, count]);
    }

    private static Value SlotWeights(GraphBuilder g, Match match, CriterionInputs targets) => targets.ImageWeights is Value images
        ? g.Mul(match.Matched, g.Unsqueeze(images, 1))
        : match.Matched;

    // 1 - (2 Σ s·t + 1) / (Σ s + Σ t + 1)
    private static Value Dice(GraphBuilder g, Value overlap, Value area, Value targetArea) =>
        g.Sub(1f, g.Div(g.Add(g.Mul(overlap, 2f), 1f), g.Add(g.Add(area, targetArea), 1f)));

    private static Value Sample(GraphBuilder g, Value planes, Value points) => g.Squeeze(g.PointSample(planes, points), 1);

    // The mask logits of the queries [N, T] of each prediction.
    private static Value[] MatchedMasks(GraphBuilder g, IReadOnlyList<Prediction> predictions, Value[] queries)
    {
        Value features = predictions[0].MaskFeatures;                                                           // [N, C, h, w]
        (Dim n, Dim c, Dim h, Dim w) = (features.Shape[0], features.Shape[1], features.Shape[2], features.Shape[3]);
        Dim slots = queries[0].Shape[1];
        IEnumerable<Value> embeddings = predictions.Select((p, i) => g.Reshape(Matched(g, p.MaskEmbedding, queries[i]), [n, slots, c]));
        Value masks = g.MatMul(g.Concat(1, [.. embeddings]), g.Reshape(features, [n, c, h * w]));               // [N, predictions·T, h·w]
        return [.. g.Split(masks, 1, [.. queries.Select(_ => slots.Size)]).Select(part => g.Reshape(part, [n * slots, 1, h, w]))];
    }

    private static Value MatchedPlanes(GraphBuilder g, Value maps, Value index) => g.Unsqueeze(Matched(g, maps, index), 1);

    // Row index[n, t] of image n of x [N, R, ...], for every slot, one behind the other: [N·T, ...].
    private static Value Matched(GraphBuilder g, Value x, Value index)
    {
        (long images, long rows, long slots) = (x.Shape[0].Size, x.Shape[1].Size, index.Shape[1].Size);
        Value first = g.Constant(Literal.Of([.. Enumerable.Range(0, (int)images).Select(n => n * rows)], images, 1));
        Value flat = g.Reshape(x, [images * rows, .. x.Shape.Skip(2)]);
        return g.Gather(flat, g.Reshape(g.Add(index, first), [images * slots]));
    }
}
