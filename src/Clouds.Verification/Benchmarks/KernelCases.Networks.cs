using Clouds.Runtime.Kernels;
using Clouds.Verification.Kernels;

namespace Clouds.Verification.Benchmarks;

/// <content>Kernels inside the networks.</content>
internal static partial class KernelCases
{
    private static KernelCase Attention(int side, bool backward)
    {
        const int Heads = 8, Width = 32, Points = 4;
        int[] levels = [side / 4, side / 4, side / 2, side / 2, side, side];
        int tokens = (side * side / 16) + (side * side / 4) + (side * side);
        MsDeformAttnPlan plan = new(levels, 1, tokens, Heads, Width, tokens, Points);
        long values = (long)tokens * Heads * Width;
        long weightCount = (long)tokens * Heads * 3 * Points;
        NativeBuffer[] buffers =
        [
            BenchFloats.Uniform(values, -1, 1), BenchFloats.Uniform(2 * weightCount, 0, 1),
            BenchFloats.Uniform(weightCount, 0, 1), BenchFloats.Uniform(values, -1, 1),
            new NativeBuffer(4 * values), new NativeBuffer(8 * weightCount), new NativeBuffer(4 * weightCount),
        ];

        // Each tap is a multiply-add of D channels; backwards there are three such sums.
        double taps = 4.0 * weightCount * Width * 2;
        return backward
            ? new KernelCase("deformable attention, backward", $"{tokens} queries", (12.0 * values) + (24.0 * weightCount),
                3 * taps, threads => WorkSplit.Run(threads, plan.Units, (from, to) =>
                MsDeformAttn.Backward(plan, Floats(buffers[3]), Floats(buffers[0]), Floats(buffers[1]), Floats(buffers[2]),
                    Floats(buffers[4]), Floats(buffers[5]), Floats(buffers[6]), from, to))).Owning(buffers)
            : new KernelCase("deformable attention", $"{tokens} queries", (8.0 * values) + (12.0 * weightCount),
                taps, threads => WorkSplit.Run(threads, plan.Units, (from, to) =>
                MsDeformAttn.Forward(plan, Floats(buffers[0]), Floats(buffers[1]), Floats(buffers[2]), Floats(buffers[4]), from, to))).Owning(buffers);
    }

    private static KernelCase Normalisation(int side, bool backward)
    {
        const int Width = 256;
        const float Epsilon = 1e-5f;
        int rows = (side * side / 16) + (side * side / 4) + (side * side);
        LayerNormShape shape = new(rows, Width);
        long values = shape.Elements;
        NativeBuffer[] buffers =
        [
            BenchFloats.Uniform(values, -1, 1), BenchFloats.Uniform(Width, 0, 1), BenchFloats.Uniform(Width, -1, 1), BenchFloats.Uniform(values, -1, 1),
            new NativeBuffer(4 * values), new NativeBuffer(4 * shape.PartialFloats), new NativeBuffer(4 * Width), new NativeBuffer(4 * Width),
        ];

        // Mean, variance and the line through them; backwards the first two come again, with two sums across the row and two along it.
        return backward
            ? new KernelCase("layer normalisation, backward", $"{rows} rows of {Width}", 12.0 * values, 20.0 * values, threads =>
            {
                WorkSplit.Run(threads, shape.Chunks, (from, to) => LayerNorm.Backward(
                    shape, Floats(buffers[3]), Floats(buffers[0]), Floats(buffers[1]), Floats(buffers[4]), Floats(buffers[5]), Epsilon, from, to));
                LayerNorm.SumPartials(shape, Floats(buffers[5]), Floats(buffers[6]), Floats(buffers[7]));
            }).Owning(buffers)
            : new KernelCase("layer normalisation", $"{rows} rows of {Width}", 8.0 * values, 8.0 * values, threads => WorkSplit.Run(threads, rows,
                (from, to) => LayerNorm.Forward(
                    shape, Floats(buffers[0]), Floats(buffers[1]), Floats(buffers[2]), Floats(buffers[4]), Epsilon, from, to))).Owning(buffers);
    }

    private static KernelCase LinearLayer(int rows, int inner, int outputs)
    {
        LinearShape shape = new(rows, inner, outputs);
        (long x, long matrix, long y) = ((long)rows * inner, (long)inner * outputs, (long)rows * outputs);
        NativeBuffer[] buffers =
        [
            BenchFloats.Uniform(x, -1, 1), BenchFloats.Uniform(matrix, -1, 1), BenchFloats.Uniform(outputs, -1, 1),
            new NativeBuffer(4 * shape.PackedFloats), new NativeBuffer(4 * y),
        ];
        return new KernelCase("linear layer", $"{rows} rows of {inner} to {outputs}", 4.0 * (x + matrix + y), 2.0 * x * outputs, threads =>
        {
            WorkSplit.Run(threads, shape.Panels, (from, to) => Linear.Pack(shape, Floats(buffers[1]), transposed: true, Floats(buffers[3]), from, to));
            WorkSplit.Run(threads, shape.Tiles, (from, to) => Linear.Multiply(
                shape, Floats(buffers[0]), Floats(buffers[3]), Floats(buffers[2]), Floats(buffers[4]), from, to));
        }).Owning(buffers);
    }

    private static KernelCase GroupNormalisation(int side, bool backward)
    {
        const float Epsilon = 1e-5f;
        GroupNormShape shape = new(1, 256, 32, side * side);
        long values = shape.Elements;
        NativeBuffer[] buffers =
        [
            BenchFloats.Uniform(values, -1, 1), BenchFloats.Uniform(256, 0, 1), BenchFloats.Uniform(256, -1, 1), BenchFloats.Uniform(values, -1, 1),
            new NativeBuffer(4 * values), new NativeBuffer(4 * shape.PlaneFloats), new NativeBuffer(4 * 256), new NativeBuffer(4 * 256),
        ];
        string problem = $"256 channels {side}x{side}, 32 groups";

        // A group does not fit the caches: it is read for the statistics and again for the line, backwards with its gradient.
        return backward
            ? new KernelCase("group normalisation, backward", problem, 20.0 * values, 14.0 * values, threads =>
            {
                WorkSplit.Run(threads, shape.Units, (from, to) => GroupNorm.Backward(
                    shape, Floats(buffers[3]), Floats(buffers[0]), Floats(buffers[1]), Floats(buffers[4]), Floats(buffers[5]), Epsilon, from, to));
                GroupNorm.SumPlanes(shape, Floats(buffers[5]), Floats(buffers[6]), Floats(buffers[7]));
            }).Owning(buffers)
            : new KernelCase("group normalisation", problem, 12.0 * values, 6.0 * values, threads => WorkSplit.Run(threads, shape.Units,
                (from, to) => GroupNorm.Forward(
                    shape, Floats(buffers[0]), Floats(buffers[1]), Floats(buffers[2]), Floats(buffers[4]), Epsilon, from, to))).Owning(buffers);
    }

    private static KernelCase Sampling(int masks, int side, int points, bool backward)
    {
        PointSampleShape shape = new(1, masks, side, side, points);
        (long plane, long samples) = (shape.Inputs, shape.Outputs);
        NativeBuffer[] buffers = [BenchFloats.Uniform(plane, -6, 6), BenchFloats.Uniform(2L * points, 0, 1), BenchFloats.Uniform(samples, -1, 1)];
        double bytes = (4.0 * plane) + (8.0 * points) + (4.0 * samples);
        return new KernelCase(backward ? "point sampling, backward" : "point sampling", $"{points} points of {masks} masks {side}x{side}",
            bytes, 8.0 * samples, threads => WorkSplit.Run(threads, masks, (from, to) =>
        {
            if (backward)
            {
                PointSample.Backward(shape, Floats(buffers[2]), Floats(buffers[1]), Floats(buffers[0]), from, to);
            }
            else
            {
                PointSample.Forward(shape, Floats(buffers[0]), Floats(buffers[1]), Floats(buffers[2]), from, to);
            }
        })).Owning(buffers);
    }

    private static KernelCase Words(int vocabulary, int sentences)
    {
        ScatterAddShape shape = new(1, 77 * sentences, vocabulary, 512);
        NativeBuffer[] buffers = [BenchFloats.Uniform(shape.Terms, -1, 1), new NativeBuffer(8L * shape.Updates), new NativeBuffer(4 * shape.Sums)];
        ScatterAddProblem.Words(shape.Updates, vocabulary, seed: 1).CopyTo(buffers[1].Span<long>(0, shape.Updates));
        double bytes = (4.0 * shape.Sums) + (4.0 * shape.Terms) + (8.0 * shape.Updates);
        return new KernelCase("scatter add", $"{shape.Updates} words of {vocabulary}, 512 floats each", bytes, shape.Terms, threads =>
        {
            WorkSplit.Run(threads, ScatterAdd.Pages(shape), (from, to) => ScatterAdd.Clear(shape, Floats(buffers[2]), from, to));
            WorkSplit.Run(threads, ScatterAdd.Units(shape),
                (from, to) => ScatterAdd.Add(shape, Floats(buffers[0]), buffers[1].Elements<long>(), Floats(buffers[2]), from, to));
        }).Owning(buffers);
    }

    private static KernelCase Matching(int queries, int side, int points)
    {
        const int Targets = 19, Classes = 20;
        MatchingShape shape = new(1, queries, Targets, Classes, side, side, 4 * side, 4 * side, points);
        (long logits, long masks) = ((long)queries * side * side, 16L * Targets * side * side);
        NativeBuffer[] buffers =
        [
            BenchFloats.Uniform(queries * Classes, -3, 3), BenchFloats.Uniform(logits, -6, 6),
            BenchFloats.Uniform(2L * points, 0, 1), BenchFloats.Uniform(Targets, 1, 1),
            new NativeBuffer(8L * Targets), new NativeBuffer(masks), new NativeBuffer(4 * MatchingCost.SampleFloats(shape)), new NativeBuffer(4 * shape.Costs),
        ];
        new PointOrder(side, side).Sort(buffers[2].Span<float>(0, 2 * points));
        buffers[5].Span<byte>(0, (int)masks / 2).Fill(1);
        MatchingInputs inputs = new()
        {
            ClassLogits = Floats(buffers[0]),
            MaskLogits = Floats(buffers[1]),
            Points = Floats(buffers[2]),
            Valid = Floats(buffers[3]),
            Labels = buffers[4].Elements<long>(),
            Masks = buffers[5].Elements<byte>(),
        };

        // Two exponential-like functions a sample, and a multiply-add of logit and sigmoid with each target.
        double operations = (double)queries * points * (50 + (4 * Targets));
        return new KernelCase("matching cost", $"{queries} queries, {Targets} targets, {points} points by cell",
            (4.0 * logits) + masks + (8.0 * points) + (4.0 * shape.Costs), operations, threads =>
        {
            WorkSplit.Run(threads, Targets, (from, to) => MatchingCost.SampleTargets(shape, inputs, Floats(buffers[6]), from, to));
            WorkSplit.Run(threads, queries,
                (from, to) => MatchingCost.Run(shape, new MatchingWeights(2, 5, 5), inputs, Floats(buffers[6]), Floats(buffers[7]), from, to));
        }).Owning(buffers);
    }

    private static KernelCase Uncertain(int rows, int count)
    {
        int keep = count / 4;
        NativeBuffer[] buffers =
            [BenchFloats.Uniform((long)rows * count, -6, 6), BenchFloats.Uniform(2L * rows * count, 0, 1), new NativeBuffer(8L * rows * keep)];
        return new KernelCase("uncertain points", $"{keep} of {count} points, {rows} masks",
            rows * ((4.0 * count) + (16.0 * keep)), 2.0 * rows * count, threads => WorkSplit.Run(threads, rows, (from, to) =>
            UncertainPoints.Run(Floats(buffers[0]), Floats(buffers[1]), Floats(buffers[2]), rows, count, keep, from, to))).Owning(buffers);
    }

    private static KernelCase Semantic(int side)
    {
        const int Queries = 100, Classes = 19;
        int output = 4 * side;
        SemanticShape shape = new(Queries, Classes, side, side, output, output, output, output);
        NativeBuffer masks = BenchFloats.Uniform((long)Queries * side * side, -6, 6);
        NativeBuffer probabilities = BenchFloats.Uniform(Queries * Classes, 0, 0.1f);
        ushort[] labels = new ushort[output * output];

        // A sum over the queries for each class, and about 20 operations for a resampled sigmoid.
        double operations = (double)labels.Length * Queries * ((2 * Classes) + 20);
        return new KernelCase("semantic inference", $"{Queries} masks {side}x{side} to {output}x{output}",
            (4.0 * Queries * side * side) + (2.0 * labels.Length), operations, threads =>
            SemanticInference.Run(shape, probabilities.Span<float>(0, Queries * Classes), masks.Span<float>(0, Queries * side * side), labels, [], threads))
                .Owning(masks, probabilities);
    }
}
