using Clouds.Graph.Building;
using Clouds.Models.Sam;

namespace Clouds.Training.Promptable;

/// <summary>What a pass of prompts contributes to the loss.</summary>
/// <param name="Total">The weighted loss, a scalar.</param>
/// <param name="Focal">Mean focal loss of each prompt's best mask, a scalar.</param>
/// <param name="Dice">Mean dice loss of it, a scalar.</param>
/// <param name="Score">Mean squared error of the foretold IoU, a scalar.</param>
/// <param name="Iou">Mean IoU of the mask with the lowest loss, a scalar.</param>
public sealed record PromptTerms(Value Total, Value Focal, Value Dice, Value Score, Value Iou);

/// <summary>
/// Segment Anything's loss as graph nodes (Kirillov et al. 2023, section 3 and appendix A): focal and dice loss of the mask of the choice that has the lowest,
/// so that each mask may learn another meaning of a prompt, and the squared error of the foretold IoU. Pixels that fill up the frame count nowhere.
/// </summary>
/// <param name="config">Weights.</param>
public sealed class PromptLoss(PromptLossConfig config)
{
    // N prompts · m masks to choose from, behind the one for prompts that leave no doubt · P = s·s logits of a mask
    /// <summary>The loss of one pass.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="answer">What the network says.</param>
    /// <param name="targets">What it should say.</param>
    public PromptTerms Build(GraphBuilder g, MaskPrediction answer, PromptTargets targets)
    {
        (long n, long masks, long pixels) = (answer.Masks.Shape[0].Size, answer.Masks.Shape[1].Size, targets.Masks.Shape[1].Size);
        Value x = g.Reshape(answer.Masks, [n, masks, pixels]);                                                  // [N, 1 + m, P]
        Value truth = g.Unsqueeze(targets.Masks, 1);                                                            // [N, 1, P]
        Value inside = g.Unsqueeze(targets.Inside, 1);                                                          // [N, 1, P]
        Value focal = Focal(g, x, truth, inside);                                                               // [N, 1 + m]
        Value dice = Dice(g, x, truth, inside);                                                                 // [N, 1 + m]
        Value iou = g.Detach(Iou(g, x, truth, inside));                                                         // [N, 1 + m]
        Value score = g.Square(g.Sub(answer.Scores, iou));                                                      // [N, 1 + m]

        Value best = Best(g, g.Add(g.Mul(focal, (float)config.FocalWeight), g.Mul(dice, (float)config.DiceWeight)));
        Value weight = Weights(g, best, targets.Clear);                                                         // [N, 1 + m]
        Value scoreWeight = config.EveryScore ? Weights(g, Evenly(g, best), targets.Clear) : weight;
        Value PerPrompt(Value terms, Value by) => g.Div(g.SumAll(g.Mul(g.Mul(terms, by), g.Unsqueeze(targets.Valid, 1))), targets.Count);
        Value total = g.Add(
            g.Add(g.Mul(PerPrompt(focal, weight), (float)config.FocalWeight), g.Mul(PerPrompt(dice, weight), (float)config.DiceWeight)),
            g.Mul(PerPrompt(score, scoreWeight), (float)config.ScoreWeight));
        Value Told(Value terms) => g.Detach(PerPrompt(terms, best));
        return new PromptTerms(total, Told(focal), Told(dice), g.Detach(PerPrompt(score, Evenly(g, best))), Told(iou));
    }

    /// <summary>The logits of the mask with the best score, from which the next pass starts: [N, 1, s, s], without a gradient.</summary>
    public static Value Chosen(GraphBuilder g, MaskPrediction answer)
    {
        (long n, long masks) = (answer.Scores.Shape[0].Size, answer.Scores.Shape[1].Size);
        Value choice = OneHot(g, g.ArgMax(g.Slice(answer.Scores, 1, 1, masks), 1), masks - 1);                  // [N, m]
        Value logits = g.Slice(answer.Masks, 1, 1, masks);                                                      // [N, m, s, s]
        return g.Detach(g.ReduceSum(g.Mul(logits, g.Reshape(choice, [n, masks - 1, 1, 1])), 1));
    }

    // Σ α_t (1 - p_t)^γ · cross-entropy over the pixels of the image, over their number.
    private Value Focal(GraphBuilder g, Value x, Value truth, Value inside)
    {
        float balance = (float)config.FocalBalance;
        Value p = g.Sigmoid(x);
        Value wrong = g.Sub(g.Add(p, truth), g.Mul(g.Mul(p, truth), 2f));                                       // 1 - p_t
        Value entropy = g.Sub(g.Softplus(x), g.Mul(x, truth));
        Value balanced = g.Add(g.Mul(truth, (2 * balance) - 1), 1 - balance);                                   // α_t
        Value loss = g.Mul(config.FocalPower == 0 ? entropy : g.Mul(g.Pow(wrong, (float)config.FocalPower), entropy), balanced);
        return g.Div(Sum(g, g.Mul(loss, inside)), Sum(g, inside));
    }

    // 1 - (2 Σ p·t + 1) / (Σ p + Σ t + 1)
    private static Value Dice(GraphBuilder g, Value x, Value truth, Value inside)
    {
        Value p = g.Mul(g.Sigmoid(x), inside);
        Value overlap = Sum(g, g.Mul(p, truth));
        return g.Sub(1f, g.Div(g.Add(g.Mul(overlap, 2f), 1f), g.Add(g.Add(Sum(g, p), Sum(g, g.Mul(truth, inside))), 1f)));
    }

    // A prompt has a target, so that the union has pixels.
    private static Value Iou(GraphBuilder g, Value x, Value truth, Value inside)
    {
        Value found = g.GreaterMask(x, g.Constant(0f));
        Value overlap = Sum(g, g.Mul(g.Mul(found, truth), inside));
        return g.Div(overlap, g.Max(Sum(g, g.Mul(g.Max(found, truth), inside)), g.Constant(1f)));
    }

    // One at the mask of the choice with the lowest loss, the first among equals: [N, 1 + m], nothing at the mask that is no choice.
    private static Value Best(GraphBuilder g, Value loss)
    {
        (long n, long masks) = (loss.Shape[0].Size, loss.Shape[1].Size);
        Value lowest = OneHot(g, g.ArgMax(g.Neg(g.Slice(g.Detach(loss), 1, 1, masks)), 1), masks - 1);
        return g.Concat(1, g.Zeros([n, 1]), lowest);
    }

    private static Value Evenly(GraphBuilder g, Value best)
    {
        (long n, long masks) = (best.Shape[0].Size, best.Shape[1].Size);
        return g.Concat(1, g.Zeros([n, 1]), g.Add(g.Zeros([n, masks - 1]), 1f / (masks - 1)));
    }

    // Prompts that leave no doubt train the single mask too. Differs from reference: there they train nothing else.
    private static Value Weights(GraphBuilder g, Value choice, Value clear) => g.Concat(
        1, g.Unsqueeze(clear, 1), g.Slice(choice, 1, 1, choice.Shape[1].Size));

    private static Value OneHot(GraphBuilder g, Value index, long count)
    {
        Value range = g.Constant(Literal.Of([.. Enumerable.Range(0, (int)count).Select(i => (long)i)], 1, count));
        return g.Cast(g.Equal(g.Unsqueeze(index, 1), range), ElementType.Float);
    }

    private static Value Sum(GraphBuilder g, Value x) => g.ReduceSum(x, 2, keep: false);
}
