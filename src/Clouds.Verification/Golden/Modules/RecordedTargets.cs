using Clouds.Training.SourceTraining;

namespace Clouds.Verification.Golden.Modules;

/// <summary>
/// Targets and draws of a golden case, padded to the slots of the training graph: the reference keeps lists of unequal length where the graph
/// has fixed shapes with a validity flag.
/// </summary>
/// <param name="golden">The case.</param>
/// <param name="prefix">What stands before "target." and "rand.", for instance "step3.".</param>
/// <param name="counts">Targets of each image.</param>
/// <param name="queries">Queries; an image cannot have more matched masks than these.</param>
internal sealed class RecordedTargets(GoldenCase golden, string prefix, int[] counts, int queries)
{
    /// <summary>Images in the batch.</summary>
    public int Images => counts.Length;

    /// <summary>Slots an image, at least 1.</summary>
    public int Slots { get; } = Math.Max(1, counts.Max());

    /// <summary>An input of the graph; null where it is none of ours.</summary>
    /// <param name="name">Name of the graph input.</param>
    /// <param name="ports">The ports of the graph.</param>
    /// <param name="sets">The reference's name of each prediction: "main" or "aux.{i}".</param>
    public GoldenTensor? Feed(string name, CriterionPorts ports, IReadOnlyList<string> sets)
    {
        (string Port, Func<GoldenTensor> Recorded)[] targets =
        [
            (ports.Labels.Name, Labels),
            (ports.Masks.Name, Masks),
            (ports.Valid.Name, Valid),
            (ports.NumMasks.Name, () => new GoldenTensor([(float)Math.Max(1, counts.Sum())])),
        ];
        IEnumerable<(string Port, Func<GoldenTensor> Recorded)> draws = ports.Draws.Zip(sets, Draws).SelectMany(feeds => feeds);
        return targets.Concat(draws).Where(feed => feed.Port == name).Select(feed => feed.Recorded()).FirstOrDefault();
    }

    /// <summary>Padded outputs cut back to the reference's lists; all others as they are.</summary>
    public IReadOnlyDictionary<string, GoldenTensor> Unpad(IReadOnlyDictionary<string, GoldenTensor> raw, IReadOnlyList<string> sets)
    {
        Dictionary<string, GoldenTensor> outputs = new(raw);
        foreach (string set in sets)
        {
            outputs[$"points.{set}"] = Gather(raw[$"points.{set}"]);
            for (int image = 0; image < Images; image++)
            {
                outputs[$"match.{set}.{image}.cost"] = CutColumns(raw[$"cost.{set}"], image);
                outputs[$"match.{set}.{image}.queries"] = CutSlots(raw[$"queries.{set}"], image);
                outputs[$"match.{set}.{image}.targets"] = CutSlots(raw[$"targets.{set}"], image);
            }
        }

        return outputs;
    }

    private IEnumerable<(string Port, Func<GoldenTensor> Recorded)> Draws(DrawPorts ports, string set) =>
    [
        (ports.Matcher.Name, () => Stack(set)),
        (ports.Candidates.Name, () => Spread($"rand.{set}.points")),
        (ports.Fresh.Name, () => Spread($"rand.{set}.points_random")),
    ];

    private int Matched(int image) => Math.Min(queries, counts[image]);

    private GoldenTensor Labels()
    {
        long[] labels = new long[Images * Slots];
        for (int image = 0; image < Images; image++)
        {
            golden.Tensor($"{prefix}target.{image}.labels").AsIntegers().CopyTo(labels, image * Slots);
        }

        return new GoldenTensor(labels, Images, Slots);
    }

    private GoldenTensor Masks()
    {
        IReadOnlyList<long> shape = golden.Tensor($"{prefix}target.0.masks").Shape;
        long plane = shape[1] * shape[2];
        long[] masks = new long[Images * Slots * plane];
        for (int image = 0; image < Images; image++)
        {
            golden.Tensor($"{prefix}target.{image}.masks").AsIntegers().CopyTo(masks, image * Slots * plane);
        }

        return new GoldenTensor(masks, Images, Slots, shape[1], shape[2]);
    }

    private GoldenTensor Valid()
    {
        float[] valid = new float[Images * Slots];
        for (int image = 0; image < Images; image++)
        {
            valid.AsSpan(image * Slots, counts[image]).Fill(1);
        }

        return new GoldenTensor(valid, Images, Slots);
    }

    private GoldenTensor Stack(string set)
    {
        GoldenTensor[] images = [.. Enumerable.Range(0, Images).Select(image => golden.Tensor($"{prefix}rand.{set}.matcher.{image}"))];
        return new GoldenTensor([.. images.SelectMany(image => image.AsFloats())], Images, images[0].Shape[1], 2);
    }

    // Rows of matched masks, image after image, to the first slots of each image.
    private GoldenTensor Spread(string name)
    {
        GoldenTensor rows = golden.Tensor(prefix + name);
        int row = (int)(rows.Shape[1] * 2);
        float[] spread = new float[Images * Slots * row];
        int done = 0;
        for (int image = 0; image < Images; image++)
        {
            rows.AsFloats().AsSpan(done * row, Matched(image) * row).CopyTo(spread.AsSpan(image * Slots * row));
            done += Matched(image);
        }

        return new GoldenTensor(spread, Images * Slots, rows.Shape[1], 2);
    }

    private GoldenTensor Gather(GoldenTensor padded)
    {
        int row = (int)(padded.Shape[1] * 2);
        List<float> rows = [];
        for (int image = 0; image < Images; image++)
        {
            rows.AddRange(padded.AsFloats().AsSpan(image * Slots * row, Matched(image) * row));
        }

        return new GoldenTensor([.. rows], rows.Count / row, padded.Shape[1], 2);
    }

    private GoldenTensor CutColumns(GoldenTensor cost, int image)
    {
        float[] all = cost.AsFloats();
        IEnumerable<float> kept = Enumerable.Range(0, queries * counts[image])
            .Select(i => all[(((image * queries) + (i / counts[image])) * Slots) + (i % counts[image])]);
        return new GoldenTensor([.. kept], queries, counts[image]);
    }

    private GoldenTensor CutSlots(GoldenTensor slots, int image) =>
        new(slots.AsIntegers()[(image * Slots)..((image * Slots) + Matched(image))], Matched(image));
}
