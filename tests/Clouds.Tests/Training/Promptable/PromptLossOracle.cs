using Clouds.Training.Promptable;

namespace Clouds.Tests.Training.Promptable;

/// <summary>The loss of Segment Anything, written down once more as loops over single numbers in double precision.</summary>
internal sealed class PromptLossOracle(PromptLossConfig config, int prompts, int masks, int pixels)
{
    public required double[] Truth { get; init; }

    public required double[] Inside { get; init; }

    public required double[] Valid { get; init; }

    public required double[] Clear { get; init; }

    public required double Count { get; init; }

    /// <summary>The mask of the choice with the lowest loss, of each prompt.</summary>
    public int[] Best(double[] logits) => [.. Enumerable.Range(0, prompts).Select(n => Enumerable.Range(1, masks - 1).MinBy(m => MaskLoss(logits, n, m)))];

    /// <summary>IoU of a mask with its target.</summary>
    public double Iou(double[] logits, int n, int m)
    {
        (double both, double either) = (0, 0);
        for (int i = 0; i < pixels; i++)
        {
            (double x, double t, double w) = At(logits, n, m, i);
            both += w * (x > 0 && t == 1 ? 1 : 0);
            either += w * (x > 0 || t == 1 ? 1 : 0);
        }

        return both / Math.Max(1, either);
    }

    /// <summary>The loss; which masks are the best, and their IoUs, are given, because no gradient passes through them.</summary>
    public double Total(double[] logits, double[] scores, int[] best, double[,] ious)
    {
        double sum = 0;
        for (int n = 0; n < prompts; n++)
        {
            double ScoreLoss(int m) => config.ScoreWeight * Math.Pow(scores[(n * masks) + m] - ious[n, m], 2);
            double choice = config.EveryScore ? Enumerable.Range(1, masks - 1).Average(ScoreLoss) : ScoreLoss(best[n]);
            double single = Clear[n] * (MaskLoss(logits, n, 0) + ScoreLoss(0));
            sum += Valid[n] * (MaskLoss(logits, n, best[n]) + choice + single);
        }

        return sum / Count;
    }

    private double MaskLoss(double[] logits, int n, int m) => (config.FocalWeight * Focal(logits, n, m)) + (config.DiceWeight * Dice(logits, n, m));

    private double Focal(double[] logits, int n, int m)
    {
        (double sum, double weight) = (0, 0);
        for (int i = 0; i < pixels; i++)
        {
            (double x, double t, double w) = At(logits, n, m, i);
            double p = 1 / (1 + Math.Exp(t == 1 ? -x : x));
            sum += w * (t == 1 ? config.FocalBalance : 1 - config.FocalBalance) * Math.Pow(1 - p, config.FocalPower) * -Math.Log(p);
            weight += w;
        }

        return sum / weight;
    }

    private double Dice(double[] logits, int n, int m)
    {
        (double overlap, double area, double target) = (0, 0, 0);
        for (int i = 0; i < pixels; i++)
        {
            (double x, double t, double w) = At(logits, n, m, i);
            double p = w / (1 + Math.Exp(-x));
            (overlap, area, target) = (overlap + (p * t), area + p, target + (w * t));
        }

        return 1 - (((2 * overlap) + 1) / (area + target + 1));
    }

    private (double X, double T, double W) At(double[] logits, int n, int m, int i) =>
        (logits[(((n * masks) + m) * pixels) + i], Truth[(n * pixels) + i], Inside[(n * pixels) + i]);
}
