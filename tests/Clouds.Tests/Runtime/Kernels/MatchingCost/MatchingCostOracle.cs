namespace Clouds.Tests.Runtime.Kernels;

/// <summary>The matching cost straight from its definition, in double: cross-entropy point by point, no identities.</summary>
internal static class MatchingCostOracle
{
    public static double[] Cost(MatchingCase problem)
    {
        double[] cost = new double[problem.Shape.Costs];
        for (int i = 0; i < cost.Length; i++)
        {
            int target = (i / problem.Shape.Targets / problem.Shape.Queries * problem.Shape.Targets) + (i % problem.Shape.Targets);
            cost[i] = problem.Valid.Values[target] > 0.5f ? Cost(problem, i / problem.Shape.Targets, target) : 0;
        }

        return cost;
    }

    private static double Cost(MatchingCase problem, int query, int target)
    {
        (double entropy, double overlap, double area, double targetArea) = (0, 0, 0, 0);
        int image = query / problem.Shape.Queries;
        for (int p = 0; p < problem.Shape.Points; p++)
        {
            (float px, float py) =
                (problem.Points.Values[2 * ((image * problem.Shape.Points) + p)], problem.Points.Values[(2 * ((image * problem.Shape.Points) + p)) + 1]);
            double x = Sample(i => problem.MaskLogits.Values[i], query, problem.Shape.Height, problem.Shape.Width, px, py);
            double t = Sample(i => problem.Masks.Values[i], target, problem.Shape.MaskHeight, problem.Shape.MaskWidth, px, py);
            double s = 1 / (1 + Math.Exp(-x));
            entropy += (t * Softplus(-x)) + ((1 - t) * Softplus(x));
            (overlap, area, targetArea) = (overlap + (s * t), area + s, targetArea + t);
        }

        double dice = 1 - (((2 * overlap) + 1) / (area + targetArea + 1));
        return (MatchingCase.Weights.Mask * entropy / problem.Shape.Points)
            + (MatchingCase.Weights.Dice * dice) - (MatchingCase.Weights.Class * Probability(problem, query, problem.Labels.Values[target]));
    }

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    private static double Probability(MatchingCase problem, int query, long label)
    {
        double[] logits = [.. problem.ClassLogits.Values.Skip(query * problem.Shape.Classes).Take(problem.Shape.Classes).Select(value => (double)value)];
        return label < 0 || label >= logits.Length ? 0 : Math.Exp(logits[label] - logits.Max()) / logits.Sum(logit => Math.Exp(logit - logits.Max()));
    }

    private static double Sample(Func<int, double> value, int plane, int height, int width, float px, float py)
    {
        // Positions in single precision, as the kernels work: a rounding of them is a different point, not an error of the sum.
        (float x, float y) = ((px * width) - 0.5f, (py * height) - 0.5f);
        double sum = 0;
        for (int corner = 0; corner < 4; corner++)
        {
            (int cx, int cy) = ((int)MathF.Floor(x) + (corner & 1), (int)MathF.Floor(y) + (corner >> 1));
            if (cx >= 0 && cy >= 0 && cx < width && cy < height)
            {
                sum += (1 - Math.Abs((double)x - cx)) * (1 - Math.Abs((double)y - cy)) * value((((plane * height) + cy) * width) + cx);
            }
        }

        return sum;
    }
}
