using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Golden.Modules;

/// <summary>
/// A teacher's label map through the refiner, with recorded masks in the place of Segment Anything's. The points are drawn here, only their membership is
/// compared.
/// </summary>
internal sealed class PseudoLabelsModule : IGoldenModule
{
    // The class behind the last, which the recorded maps use for pixels without a label.
    private const byte Unlabelled = 19;

    public string Name => "clouds_pseudo_labels";

    public bool Supports(GoldenCase golden, out string? why)
    {
        string selection = golden.Config.Text("selection", "random")!;
        why = selection is "random" or "center" ? null : $"the selection '{selection}'";
        return why is null;
    }

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        GoldenTensor map = golden.Tensor("input.sem_seg");
        (int height, int width) = ((int)map.Shape[0], (int)map.Shape[1]);
        byte[] classes = Array.ConvertAll(map.AsIntegers(), value => value == Unlabelled ? ComponentRule.Ignore : (byte)value);
        RefinementOptions options = Options(golden.Config);
        using PseudoLabelRefiner refiner = new(new RecordedMasks(golden, device, height, width), options, device.Threads);
        LabelMap labels = new(width, height, Array.ConvertAll(classes, id => (ushort)id));
        PointSeed seed = new((ulong)golden.Config.Int("seed", 0));
        RefinementResult refined = refiner.Refine(new RgbImage(width, height), labels, seed, keepMasks: true, cancellation);
        return Outputs(refined, classes, Components(classes, height, width, options, device), options.Points);
    }

    private static RefinementOptions Options(CaseConfig config) => new()
    {
        SizeThreshold = config.Int("threshold"),
        Points = config.Int("num_points"),
        Selection = config.Text("selection", "random") == "center" ? PointSelection.Center : PointSelection.Random,
        Erosion = config.Bool("erosion", false),
        ErosionSize = config.Int("erosion_size", 3),
        Connectivity = config.Int("connectivity", 4) == 8 ? Neighbours.Eight : Neighbours.Four,
        ListDropped = false,
    };

    // Which pixels belong to which component: the refiner needs no such map.
    private static int[] Components(byte[] classes, int height, int width, RefinementOptions options, Device device)
    {
        using MapLabeller labeller = new(device);
        Connectivity connectivity = options.Connectivity == Neighbours.Eight ? Connectivity.Eight : Connectivity.Four;
        labeller.Run(classes, height, width, new ComponentRule(connectivity, options.SizeThreshold));
        return labeller.Labels;
    }

    private static Dictionary<string, GoldenTensor> Outputs(RefinementResult refined, byte[] classes, int[] components, int points)
    {
        (int height, int width) = (refined.Map.Height, refined.Map.Width);
        RefinedComponent[] kept = [.. refined.Components];
        ushort[] map = refined.Map.Ids;
        bool Covers(PixelMask? mask, int pixel) => mask is not null && mask.Contains(pixel % width, pixel / width);
        float[] drawn = [.. kept.SelectMany(component => component.Points).SelectMany(point => new float[] { point.X, point.Y })];
        return new Dictionary<string, GoldenTensor>
        {
            ["targets.labels"] = Integers(classes.Where(id => id != ComponentRule.Ignore).Distinct().Order().Select(id => (long)id)),
            ["components.masks"] = Planes(kept.Length, height, width, (plane, pixel) => components[pixel] == plane),
            ["components.class"] = Integers(kept.Select(component => (long)component.Class)),
            ["components.area"] = Integers(kept.Select(component => (long)component.Area)),
            ["points"] = new GoldenTensor(drawn, drawn.Length / (2 * points), points, 2),
            ["best.masks"] = Planes(kept.Length, height, width, (plane, pixel) => Covers(kept[plane].Mask, pixel)),
            ["no_intersection.masks"] =
                Planes(kept.Length, height, width, (plane, pixel) => Covers(kept[plane].Mask, pixel) && map[pixel] != LabelMap.Ignore),
            ["new_targets.labels"] = Integers(refined.Classes.Select(target => (long)target.Class)),
            ["new_targets.masks"] = Planes(refined.Classes.Count, height, width, (plane, pixel) => Covers(refined.Classes[plane].Mask, pixel)),
            ["new_targets.map"] = new GoldenTensor(Array.ConvertAll(map, id => id == LabelMap.Ignore ? (long)Unlabelled : id), height, width),
        };
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
