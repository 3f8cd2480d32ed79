using System.Runtime.CompilerServices;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Kernels;

/// <summary>
/// Cost of matching each query with each target (Mask2Former's HungarianMatcher; method.md section 2.2, kernels.md section 8):
/// λ_mask · cross-entropy + λ_dice · dice − λ_cls · softmax(class logits)[label], on points that all planes of an image share; [N, Q, T], 0 for padding.
/// </summary>
/// <remarks>
/// Σ t·softplus(−x) + (1 − t)·softplus(x) = Σ softplus(x) − Σ t·x. Two passes: the targets' samples first, then the queries, each of which
/// is sampled and multiplied with all targets while it is in the cache. The same bits for every split, vector width and on the GPU.
/// </remarks>
public static unsafe class MatchingCost
{
    /// <summary>Queries that are sampled together.</summary>
    private const int GroupQueries = 8;

    /// <summary>Floats of scratch that both passes share: the samples of all targets.</summary>
    public static long SampleFloats(MatchingShape shape) => (long)shape.Images * shape.Targets * shape.PaddedPoints;

    /// <summary>First pass: samples of the targets from..to of N·T, chunk-padded with zeros; padding slots are left alone.</summary>
    /// <exception cref="ArgumentException">A length is not the shape's, or the targets lie outside; nothing has been written.</exception>
    public static void SampleTargets(MatchingShape shape, in MatchingInputs inputs, HostSpan<float> samples, int from, int to)
    {
        KernelCheck.Range(from, to, (long)shape.Images * shape.Targets, "targets");
        SampleTargets(shape, new MatchingPointers(shape, inputs), samples.Pointer(SampleFloats(shape), "samples", "N·T·⌈P/256⌉·256"), from, to);
    }

    /// <summary>Second pass: the rows of the queries from..to of N·Q, after every target has been sampled.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="weights">Of the three parts.</param>
    /// <param name="inputs">Inputs.</param>
    /// <param name="samples">What the first pass left.</param>
    /// <param name="cost">[N, Q, T], overwritten.</param>
    /// <param name="from">First query.</param>
    /// <param name="to">Query behind the last.</param>
    /// <param name="level">Vector width; null = the widest of this machine.</param>
    /// <exception cref="ArgumentException">A length is not the shape's, or the queries lie outside; nothing has been written.</exception>
    public static void Run(
        MatchingShape shape, MatchingWeights weights, in MatchingInputs inputs, HostSpan<float> samples, HostSpan<float> cost,
        int from, int to, SimdLevel? level = null)
    {
        KernelCheck.Range(from, to, (long)shape.Images * shape.Queries, "queries");
        MatchingPointers pointers = new(shape, inputs);
        float* sampled = samples.Pointer(SampleFloats(shape), "samples", "N·T·⌈P/256⌉·256");
        float* rows = cost.Pointer(shape.Costs, "cost", "N·Q·T");
        if ((level ?? SimdLevels.Best) == SimdLevel.Vector512)
        {
            Run<Lanes512>(shape, weights, pointers, sampled, rows, from, to);
        }
        else
        {
            Run<Lanes256>(shape, weights, pointers, sampled, rows, from, to);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SampleTargets(MatchingShape shape, in MatchingPointers inputs, float* samples, int from, int to)
    {
        for (int target = from; target < to; target++)
        {
            if (inputs.Valid[target] > 0.5f)
            {
                float* row = samples + ((long)target * shape.PaddedPoints);
                PointSample.Forward(inputs.Masks, inputs.Points, row - ((long)target * shape.Points),
                    shape.Targets, shape.MaskHeight, shape.MaskWidth, shape.Points, target, target + 1);
                new Span<float>(row + shape.Points, shape.PaddedPoints - shape.Points).Clear();
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Run<T>(MatchingShape shape, MatchingWeights weights, in MatchingPointers inputs, float* samples, float* cost, int from, int to)
        where T : unmanaged, IFloatLanes<T>
    {
        float* x = Scratch.Floats(((long)GroupQueries * shape.Points) + Lanes.RoundUp(shape.Classes));
        float* probabilities = x + ((long)GroupQueries * shape.Points);
        MatchingSums<T> sums = new(shape);
        for (int query = from; query < to;)
        {
            int image = query / shape.Queries;
            long plane = (long)shape.Height * shape.Width * sizeof(float);
            int end = Math.Min(query + GroupQueries, PointSample.GroupEnd(query, to, image, shape.Queries, plane));
            sums.Open(image, inputs.Valid, samples);
            PointSample.Forward(
                inputs.MaskLogits, inputs.Points, x - ((long)query * shape.Points), shape.Queries, shape.Height, shape.Width, shape.Points, query, end);
            for (int q = query; q < end; q++)
            {
                sums.Add(x + ((long)(q - query) * shape.Points));
                Softmax<T>(inputs.ClassLogits + ((long)q * shape.Classes), probabilities, shape.Classes);
                Row(shape, weights, sums.Totals, inputs.Labels + ((long)image * shape.Targets),
                    inputs.Valid + ((long)image * shape.Targets), probabilities, cost + ((long)q * shape.Targets));
            }

            query = end;
        }
    }

    private static void Row(MatchingShape shape, MatchingWeights weights, MatchingTotals totals, long* labels, float* valid, float* probabilities, float* cost)
    {
        for (int t = 0; t < shape.Targets; t++)
        {
            cost[t] = 0;
            if (valid[t] > 0.5f)
            {
                float entropy = (float)((totals.Softplus - totals.Logit[t]) / shape.Points);
                float dice = (float)(1 - (((2 * totals.Squashed[t]) + 1) / (totals.Sigmoid + totals.Area[t] + 1)));
                float probability = labels[t] >= 0 && labels[t] < shape.Classes ? probabilities[labels[t]] : 0;
                cost[t] = (weights.Mask * entropy) + (weights.Dice * dice) - (weights.Class * probability);
            }
        }
    }

    private static void Softmax<T>(float* logits, float* probabilities, int classes)
        where T : unmanaged, IFloatLanes<T>
    {
        float largest = logits[0];
        for (int k = 1; k < classes; k++)
        {
            largest = logits[k] > largest ? logits[k] : largest;
        }

        int padded = Lanes.RoundUp(classes);
        for (int k = 0; k < padded; k++)
        {
            probabilities[k] = k < classes ? logits[k] - largest : 0;
        }

        for (int k = 0; k < padded; k += T.Count)
        {
            Lanes.Exp(T.Load(probabilities + k)).Store(probabilities + k);
        }

        float sum = 0;
        for (int k = 0; k < classes; k++)
        {
            sum += probabilities[k];
        }

        for (int k = 0; k < classes; k++)
        {
            probabilities[k] /= sum;
        }
    }
}

/// <summary>Sums over all points of an image for one query, the targets' areas among them.</summary>
/// <param name="targets">T.</param>
internal sealed class MatchingTotals(int targets)
{
    /// <summary>Σ t·x for each target.</summary>
    public double[] Logit { get; } = new double[targets];

    /// <summary>Σ t·sigmoid(x) for each target.</summary>
    public double[] Squashed { get; } = new double[targets];

    /// <summary>Σ t for each target; the image's.</summary>
    public double[] Area { get; } = new double[targets];

    /// <summary>Σ softplus(x).</summary>
    public double Softplus { get; set; }

    /// <summary>Σ sigmoid(x).</summary>
    public double Sigmoid { get; set; }

    /// <summary>Forgets the query, not the areas.</summary>
    public void Clear()
    {
        Array.Clear(Logit);
        Array.Clear(Squashed);
        (Softplus, Sigmoid) = (0, 0);
    }
}
