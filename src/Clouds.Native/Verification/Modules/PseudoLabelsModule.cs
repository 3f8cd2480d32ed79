using Clouds.Runtime.Kernels;

namespace Clouds.Native.Verification.Modules;

/// <summary>A teacher's label map to components and points; recorded masks to the new label map. The points are drawn here, only their membership is compared.</summary>
internal sealed class PseudoLabelsModule : IGoldenModule
{
    // The class behind the last, which the recorded maps use for pixels without a label.
    private const byte Unlabelled = 19;

    public string Name => "clouds_pseudo_labels";

    public bool Supports(GoldenCase golden, out string? why)
    {
        why = golden.Config.Text("selection", "random") != "random" ? $"the selection '{golden.Config.Text("selection")}'" : null;
        return why is null;
    }

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, VerifyDevice device, CancellationToken cancellation)
    {
        CaseConfig config = golden.Config;
        GoldenTensor map = golden.Tensor("input.sem_seg");
        (int height, int width) = ((int)map.Shape[0], (int)map.Shape[1]);
        byte[] classes = Array.ConvertAll(map.AsIntegers(), value => (byte)value);
        ComponentRule rule = new(config.Int("connectivity", 4) == 8 ? Connectivity.Eight : Connectivity.Four, config.Int("threshold"), [Unlabelled]);
        int[] labels = new int[classes.Length];
        using ConnectedComponents components = new();
        Component[] table = components.Run(classes, height, width, rule, labels).ToArray();
        int count = config.Int("num_points");
        float[] points = new float[table.Length * count * 2];
        int erosion = config.Bool("erosion", false) ? config.Int("erosion_size", 3) : 1;
        ComponentPoints.Run(components, count, (ulong)config.Int("seed", 0), 0, points, new int[table.Length], erosion);
        Dictionary<string, GoldenTensor> outputs = new()
        {
            ["targets.labels"] = Integers(classes.Where(c => c is not Unlabelled and not ComponentRule.Ignore).Distinct().Order().Select(c => (long)c)),
            ["components.masks"] = Planes(table.Length, height, width, (plane, pixel) => labels[pixel] == plane),
            ["components.class"] = Integers(table.Select(component => (long)component.Class)),
            ["components.area"] = Integers(table.Select(component => (long)component.Area)),
            ["points"] = new GoldenTensor(points, table.Length, count, 2),
        };
        Merge(golden, table, height, width, outputs);
        return outputs;
    }

    private static void Merge(GoldenCase golden, Component[] table, int height, int width, Dictionary<string, GoldenTensor> outputs)
    {
        // The masks are recorded at full size: as logits of 1 and -1 they pass every resize unchanged.
        MaskGeometry geometry = new(height, width, height, width, height, width, height, width);
        float[] logits = Array.ConvertAll(golden.Tensor("sam.masks").AsIntegers(), covered => covered != 0 ? 1f : -1f);
        float[] iou = golden.Tensor("sam.iou").AsFloats();
        byte[] classes = [.. table.Select(component => (byte)component.Class)];
        byte[] merged = new byte[geometry.Pixels];
        MaskMerge.Run(geometry, logits, iou, classes, MaskOverlap.Any, new MergedMasks(merged, [], new int[table.Length]));
        int[] best = MaskMerge.Best(iou);
        bool Covers(int plane, int pixel) => logits[(((plane * MaskMerge.Candidates) + best[plane]) * geometry.Pixels) + pixel] > 0;
        byte[] present = [.. classes.Distinct().Order()];
        outputs["best.masks"] = Planes(table.Length, height, width, Covers);
        outputs["no_intersection.masks"] = Planes(table.Length, height, width, (plane, pixel) => Covers(plane, pixel) && merged[pixel] != ComponentRule.Ignore);
        outputs["new_targets.labels"] = Integers(present.Select(c => (long)c));
        outputs["new_targets.masks"] = Planes(present.Length, height, width, (plane, pixel) => merged[pixel] == present[plane]);
        outputs["new_targets.map"] = new GoldenTensor(Array.ConvertAll(merged, c => c == ComponentRule.Ignore ? (long)Unlabelled : c), height, width);
    }

    private static GoldenTensor Integers(IEnumerable<long> values)
    {
        long[] all = [.. values];
        return new GoldenTensor(all, all.Length);
    }

    private static GoldenTensor Planes(int planes, int height, int width, Func<int, int, bool> covers)
    {
        bool[] values = new bool[planes * height * width];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = covers(i / (height * width), i % (height * width));
        }

        return new GoldenTensor(values, planes, height, width);
    }
}
