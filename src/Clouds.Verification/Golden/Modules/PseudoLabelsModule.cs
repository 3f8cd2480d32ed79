using Clouds.Runtime.Compilation;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Golden.Modules;

/// <summary>
/// A teacher's label map to components and points; recorded masks to the new label map. The points are drawn here, only their membership is compared.
/// </summary>
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

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        CaseConfig config = golden.Config;
        GoldenTensor map = golden.Tensor("input.sem_seg");
        (int height, int width) = ((int)map.Shape[0], (int)map.Shape[1]);
        byte[] classes = Array.ConvertAll(map.AsIntegers(), value => (byte)value);
        ComponentRule rule = new(config.Int("connectivity", 4) == 8 ? Connectivity.Eight : Connectivity.Four, config.Int("threshold"), [Unlabelled]);
        using MapLabeller labeller = new(device);
        labeller.Run(classes, height, width, rule);
        (Component[] table, int[] labels) = (labeller.Table, labeller.Labels);
        int count = config.Int("num_points");
        float[] points = labeller.Points(count, (ulong)config.Int("seed", 0), config.Bool("erosion", false) ? config.Int("erosion_size", 3) : 1);
        Dictionary<string, GoldenTensor> outputs = new()
        {
            ["targets.labels"] = Integers(classes.Where(c => c is not Unlabelled and not ComponentRule.Ignore).Distinct().Order().Select(c => (long)c)),
            ["components.masks"] = Planes(table.Length, height, width, (plane, pixel) => labels[pixel] == plane),
            ["components.class"] = Integers(table.Select(component => (long)component.Class)),
            ["components.area"] = Integers(table.Select(component => (long)component.Area)),
            ["points"] = new GoldenTensor(points, table.Length, count, 2),
        };
        Merge(golden, device, table, height, width, outputs);
        return outputs;
    }

    private static void Merge(GoldenCase golden, Device device, Component[] table, int height, int width, Dictionary<string, GoldenTensor> outputs)
    {
        // The masks are recorded at full size: as logits of 1 and -1 they pass every resize unchanged.
        MaskGeometry geometry = new(height, width, height, width, height, width, height, width);
        float[] logits = Array.ConvertAll(golden.Tensor("sam.masks").AsIntegers(), covered => covered != 0 ? 1f : -1f);
        float[] iou = golden.Tensor("sam.iou").AsFloats();
        byte[] classes = [.. table.Select(component => (byte)component.Class)];
        byte[] merged = device.Gpu is Gpu gpu ? MergeOn(gpu, geometry, logits, iou, classes) : MergeHere(geometry, logits, iou, classes);
        int[] best = MaskMerge.Best(iou);
        bool Covers(int plane, int pixel) => logits[(((plane * MaskMerge.Candidates) + best[plane]) * geometry.Pixels) + pixel] > 0;
        byte[] present = [.. classes.Distinct().Order()];
        outputs["best.masks"] = Planes(table.Length, height, width, Covers);
        outputs["no_intersection.masks"] = Planes(table.Length, height, width, (plane, pixel) => Covers(plane, pixel) && merged[pixel] != ComponentRule.Ignore);
        outputs["new_targets.labels"] = Integers(present.Select(c => (long)c));
        outputs["new_targets.masks"] = Planes(present.Length, height, width, (plane, pixel) => merged[pixel] == present[plane]);
        outputs["new_targets.map"] = new GoldenTensor(Array.ConvertAll(merged, c => c == ComponentRule.Ignore ? (long)Unlabelled : c), height, width);
    }

    private static byte[] MergeHere(MaskGeometry geometry, float[] logits, float[] iou, byte[] classes)
    {
        byte[] merged = new byte[geometry.Pixels];
        MaskMerge.Run(geometry, logits, iou, classes, MaskOverlap.Any, new MergedMasks(merged, [], new int[classes.Length]));
        return merged;
    }

    private static byte[] MergeOn(Gpu gpu, MaskGeometry geometry, float[] logits, float[] iou, byte[] classes)
    {
        using DeviceCopy<float> deviceLogits = new(gpu, logits);
        using DeviceCopy<float> deviceIou = new(gpu, iou);
        using DeviceCopy<byte> deviceClasses = new(gpu, classes);
        using DeviceCopy<byte> merged = new(gpu, new byte[geometry.Pixels]);
        using DeviceCopy<int> areas = new(gpu, new int[classes.Length]);
        using CudaMaskMerge merge = new(gpu.Kernels, gpu.Stream, geometry);
        merge.Run(gpu.Stream, deviceLogits.Span, deviceIou.Span, deviceClasses.Span, differentClass: false, merged.Span, areas.Span);
        return merged.Fetch();
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
