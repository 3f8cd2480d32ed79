using Clouds.Native.Images;
using Clouds.Training.SourceTraining;

namespace Clouds.Tests.Training.SelfTraining;

/// <summary>Logits of one prediction for one image: classes [Q, K + 1], masks [Q, h, w].</summary>
internal sealed record Logits(float[] Classes, float[] Masks, int Queries, int Height, int Width)
{
    public int ClassCount => (Classes.Length / Queries) - 1;
}

/// <summary>What an image is learned from: a mask a class, and which pixels have a label.</summary>
internal sealed record Truth((int Class, bool[] Mask)[] Targets, bool[] Labelled, double Weight);

/// <summary>Random points of one image and prediction, (x, y) pairs: for matching, and for each slot candidates and fresh ones.</summary>
internal sealed record Points(float[] Matcher, float[][] Candidates, float[][] Fresh);

/// <summary>Steps of method.md section 3.5 pixel by pixel and point by point: slow, and plainly right.</summary>
internal sealed class JointStepOracle(CriterionConfig config, int width, int height)
{
    /// <summary>Step 5: semantic inference at the image's size, and argmax.</summary>
    public byte[] Labels(Logits answer)
    {
        byte[] labels = new byte[width * height];
        for (int pixel = 0; pixel < labels.Length; pixel++)
        {
            (double x, double y) = (((pixel % width) + 0.5) / width, ((pixel / width) + 0.5) / height);
            double[] scores = new double[answer.ClassCount];
            for (int q = 0; q < answer.Queries; q++)
            {
                double inside = Sigmoid(Clamped(answer, q, x, y));
                double[] likely = Softmax(answer, q);
                for (int k = 0; k < scores.Length; k++)
                {
                    scores[k] += likely[k] * inside;
                }
            }

            labels[pixel] = (byte)Array.IndexOf(scores, scores.Max());
        }

        return labels;
    }

    /// <summary>Step 8: the loss of one prediction over the whole batch.</summary>
    public double Loss(IReadOnlyList<Logits> answers, IReadOnlyList<Truth> truths, IReadOnlyList<Points> points)
    {
        (double entropy, double entropyWeights, double masks, double dice) = (0, 0, 0, 0);
        for (int n = 0; n < answers.Count; n++)
        {
            int[] matched = Match(answers[n], truths[n], points[n]);
            for (int q = 0; q < answers[n].Queries; q++)
            {
                int target = Array.IndexOf(matched, q);
                int label = target >= 0 ? truths[n].Targets[target].Class : answers[n].ClassCount;
                double weight = target >= 0 ? 1 : config.NoObjectWeight;
                entropy -= truths[n].Weight * weight * Math.Log(Softmax(answers[n], q)[label]);
                entropyWeights += weight;
            }

            int slot = 0;
            foreach (int target in Enumerable.Range(0, matched.Length).OrderBy(i => matched[i]))
            {
                (double bce, double overlap) = MaskTerms(
                    answers[n], matched[target], truths[n], truths[n].Targets[target].Mask, Chosen(answers[n], matched[target], points[n], slot++));
                masks += truths[n].Weight * bce;
                dice += truths[n].Weight * overlap;
            }
        }

        double count = Math.Max(1, truths.Sum(truth => truth.Targets.Length));
        return (config.ClassWeight * entropy / entropyWeights) + (config.MaskWeight * masks / count) + (config.DiceWeight * dice / count);
    }

    // The queries of the targets, of all injections the one that costs least.
    private int[] Match(Logits answer, Truth truth, Points points)
    {
        double[,] cost = new double[answer.Queries, truth.Targets.Length];
        for (int q = 0; q < answer.Queries; q++)
        {
            for (int t = 0; t < truth.Targets.Length; t++)
            {
                (double bce, double dice) = MaskTerms(answer, q, truth, truth.Targets[t].Mask, points.Matcher);
                cost[q, t] = (config.MaskWeight * bce) - (config.ClassWeight * Softmax(answer, q)[truth.Targets[t].Class]) + (config.DiceWeight * dice);
            }
        }

        return Injections(answer.Queries, truth.Targets.Length).MinBy(queries => queries.Select((q, t) => cost[q, t]).Sum())!;
    }

    private static IEnumerable<int[]> Injections(int queries, int targets) => targets == 0
        ? [[]]
        : Injections(queries, targets - 1).SelectMany(head => Enumerable.Range(0, queries).Except(head).Select(q => (int[])[.. head, q]));

    // Of the candidates those whose logit is nearest to 0, then the fresh ones.
    private float[] Chosen(Logits answer, int query, Points points, int slot)
    {
        IEnumerable<float[]> uncertain = points.Candidates[slot].Chunk(2)
            .OrderBy(point => Math.Abs(Zeroed(answer.Masks, query * answer.Width * answer.Height, answer.Width, answer.Height, point[0], point[1])))
            .Take((int)(config.UncertainShare * config.Points));
        return [.. uncertain.SelectMany(point => point), .. points.Fresh[slot]];
    }

    private (double CrossEntropy, double Dice) MaskTerms(Logits answer, int query, Truth truth, bool[] mask, float[] points)
    {
        float[] target = Array.ConvertAll(mask, inside => inside ? 1f : 0f);
        (double bce, double weights, double overlap, double area, double targetArea) = (0, 0, 0, 0, 0);
        foreach (float[] point in points.Chunk(2))
        {
            int pixel = ((int)(point[1] * height) * width) + (int)(point[0] * width);
            double w = config.IgnoreMode == IgnoreMode.Exclude && !truth.Labelled[pixel] ? 0 : 1;
            double x = Zeroed(answer.Masks, query * answer.Width * answer.Height, answer.Width, answer.Height, point[0], point[1]);
            double t = Zeroed(target, 0, width, height, point[0], point[1]);
            bce += w * ((t * Softplus(-x)) + ((1 - t) * Softplus(x)));
            weights += w;
            overlap += w * Sigmoid(x) * t;
            area += w * Sigmoid(x);
            targetArea += w * t;
        }

        return (bce / Math.Max(1, weights), 1 - (((2 * overlap) + 1) / (area + targetArea + 1)));
    }

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double[] Softmax(Logits answer, int query)
    {
        double[] likely = [.. answer.Classes.AsSpan(query * (answer.ClassCount + 1), answer.ClassCount + 1).ToArray().Select(logit => Math.Exp(logit))];
        return Array.ConvertAll(likely, value => value / likely.Sum());
    }

    // Bilinear, pixel centres at halves, outside 0.
    private static double Zeroed(float[] planes, int plane, int width, int height, double x, double y) =>
        Bilinear(x, y, width, height, (u, v) => u < 0 || v < 0 || u >= width || v >= height ? 0 : planes[plane + (v * width) + u]);

    // The same with the border going on outside, as images are resized.
    private static double Clamped(Logits answer, int query, double x, double y) => Bilinear(x, y, answer.Width, answer.Height, (u, v) =>
        answer.Masks[(((query * answer.Height) + Math.Clamp(v, 0, answer.Height - 1)) * answer.Width) + Math.Clamp(u, 0, answer.Width - 1)]);

    private static double Bilinear(double x, double y, int width, int height, Func<int, int, double> pixel)
    {
        (double px, double py) = ((x * width) - 0.5, (y * height) - 0.5);
        (int u, int v) = ((int)Math.Floor(px), (int)Math.Floor(py));
        (double fx, double fy) = (px - u, py - v);
        return ((1 - fy) * (((1 - fx) * pixel(u, v)) + (fx * pixel(u + 1, v)))) + (fy * (((1 - fx) * pixel(u, v + 1)) + (fx * pixel(u + 1, v + 1))));
    }
}
