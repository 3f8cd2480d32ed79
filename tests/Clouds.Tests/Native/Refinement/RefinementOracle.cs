using Clouds.Graph.Randomness;
using Clouds.Native.Refinement;
using Clouds.Runtime.Kernels;
using Clouds.Tests.Runtime.Kernels;

namespace Clouds.Tests.Native.Refinement;

/// <summary>One component as the oracle has it; prompted ones have a mask.</summary>
internal sealed record OracleComponent(Component Component, ComponentFate Fate)
{
    public (int X, int Y)[] Points { get; init; } = [];

    public float[] Scores { get; set; } = [];

    public int Chosen { get; set; } = -1;

    public int MaskClass { get; set; } = -1;

    public bool[]? Mask { get; set; }

    public bool[][] Masks { get; set; } = [];

    public int Conflicts { get; set; }
}

/// <summary>The refinement step by step as method.md section 4.2 tells it, pixel by pixel, list by list: slow, and plainly right.</summary>
internal sealed class RefinementOracle
{
    private readonly byte[] _map;
    private readonly int _height;
    private readonly int _width;
    private readonly RefinementOptions _options;
    private readonly ulong _key;

    public RefinementOracle(byte[] map, int height, int width, RefinementOptions options, PointSeed seed, StandInMasks masks)
    {
        (_map, _height, _width, _options, _key) = (map, height, width, options, seed.Key);
        Connectivity connectivity = options.Connectivity == Neighbours.Eight ? Connectivity.Eight : Connectivity.Four;
        (Component[] every, int[] labels) = FloodFill.Run(map, height, width, new ComponentRule(connectivity));
        OracleComponent[] all = [.. every.Select((component, i) => Draw(component, labels, i))];
        OracleComponent[] kept = [.. all.Where(component => component.Fate != ComponentFate.TooSmall)];
        Components = [.. kept, .. options.ListDropped ? all.Where(component => component.Fate == ComponentFate.TooSmall) : []];
        OracleComponent[] prompted = [.. kept.Where(component => component.Fate == ComponentFate.Prompted)];
        if (prompted.Length == 0)
        {
            IsUnrefined = true;
            Map = [.. map];
            Classes = [.. map.Where(id => id != 255).Distinct().Order().Select(id => ((int)id, Array.ConvertAll(map, here => here == id)))];
            return;
        }

        for (int i = 0; i < prompted.Length; i++)
        {
            Answer(prompted[i], masks);
            prompted[i].MaskClass = (options.EmulateCountBug ? kept : prompted)[i].Component.Class;
        }

        (Map, bool[] clashes) = Merge(prompted);
        Conflicts = clashes.Count(clash => clash);
        foreach (OracleComponent component in prompted)
        {
            component.Conflicts = component.Mask!.Zip(clashes).Count(pixel => pixel.First && pixel.Second);
        }

        Classes = [.. prompted.Select(component => component.MaskClass).Distinct().Order()
            .Select(id => (id, Union(prompted.Where(component => component.MaskClass == id), clashes)))
            .Where(target => !options.DropEmpty || target.Item2.Any(covered => covered))];
    }

    public byte[] Map { get; }

    public (int Class, bool[] Mask)[] Classes { get; }

    public OracleComponent[] Components { get; }

    public int Conflicts { get; }

    public bool IsUnrefined { get; }

    private OracleComponent Draw(Component component, int[] labels, int index)
    {
        if (component.Area <= _options.SizeThreshold)
        {
            return new OracleComponent(component, ComponentFate.TooSmall);
        }

        int radius = _options.Erosion ? _options.ErosionSize / 2 : 0;
        List<(int X, int Y)> pixels = [.. Enumerable.Range(0, _map.Length).Select(pixel => (X: pixel % _width, Y: pixel / _width))
            .Where(pixel => Window(pixel.X, pixel.Y, radius).All(at => at >= 0 && labels[at] == index))];
        (int X, int Y)[] points = _options.Selection == PointSelection.Random ? Random(component, pixels) : Center(component, pixels);
        return new OracleComponent(component, points.Length > 0 ? ComponentFate.Prompted : ComponentFate.TooFewPoints) { Points = points };
    }

    private IEnumerable<int> Window(int x, int y, int radius)
        => from v in Enumerable.Range(y - radius, (2 * radius) + 1)
           from u in Enumerable.Range(x - radius, (2 * radius) + 1)
           select u < 0 || v < 0 || u >= _width || v >= _height ? -1 : (v * _width) + u;

    private (int X, int Y)[] Random(Component component, List<(int X, int Y)> pixels)
    {
        if (pixels.Count < _options.Points)
        {
            return [];
        }

        HashSet<(int X, int Y)> inside = [.. pixels];
        List<(int X, int Y)> taken = [];
        for (uint i = 0; taken.Count < _options.Points; i++)
        {
            uint[] random = Philox(i, component);
            (int x, int y) = (component.X0 + Scale(random[0], component.Width), component.Y0 + Scale(random[1], component.Height));
            if (inside.Contains((x, y)) && !taken.Contains((x, y)))
            {
                taken.Add((x, y));
            }
        }

        return [.. taken];
    }

    private (int X, int Y)[] Center(Component component, List<(int X, int Y)> pixels)
    {
        byte[] alone = new byte[_map.Length];
        Array.Fill(alone, (byte)255);
        pixels.ForEach(pixel => alone[(pixel.Y * _width) + pixel.X] = 0);
        (Component[] parts, int[] labels) = FloodFill.Run(alone, _height, _width, new ComponentRule());
        int largest = parts.Length == 0 ? -1 : Enumerable.Range(0, parts.Length).MaxBy(i => parts[i].Area);
        List<(int X, int Y)> part = [.. pixels.Where(pixel => labels[(pixel.Y * _width) + pixel.X] == largest)];
        List<(int X, int Y)> near = part.Count == 0 ? [] :
            [.. part.Where(pixel => Math.Sqrt(Math.Pow(pixel.X - part.Average(p => p.X), 2) + Math.Pow(pixel.Y - part.Average(p => p.Y), 2)) < 10)];
        if (near.Count <= _options.Points)
        {
            return [];
        }

        (int X, int Y)[] points = new (int, int)[_options.Points];
        for (int j = 0; j < points.Length; j++)
        {
            int rank = Scale(Philox((uint)(ComponentPoints.Candidates + j), component)[0], near.Count);
            points[j] = near[rank];
            near.RemoveAt(rank);
        }

        return points;
    }

    private uint[] Philox(uint number, Component component)
    {
        uint[] block = [number, (uint)component.FirstPixel, 0, 0];
        RandomStream.Philox(block, (uint)_key, (uint)(_key >> 32));
        return block;
    }

    private static int Scale(uint random, int range) => (int)(((ulong)random * (uint)range) >> 32);

    private void Answer(OracleComponent component, StandInMasks masks)
    {
        MaskFrame frame = masks.Frame;
        int mask = frame.MaskHeight * frame.MaskWidth;
        float[] points = [.. component.Points.SelectMany(point => new float[] { point.X, point.Y })];
        (float[] logits, float[] scores) = (new float[3 * mask], new float[3]);
        masks.Predict(new MaskPrompts(1, points), logits, scores);
        if (_options.SecondPass)
        {
            int first = Enumerable.Range(0, 3).MaxBy(i => scores[i]);
            float[] prior = logits[(first * mask)..((first + 1) * mask)];
            masks.Predict(new MaskPrompts(1, points, prior), logits, scores);
        }

        component.Scores = scores;
        component.Chosen = Enumerable.Range(0, 3).MaxBy(i => scores[i]);
        MaskGeometry geometry = new(
            frame.MaskHeight, frame.MaskWidth, frame.FrameHeight, frame.FrameWidth, frame.InputHeight, frame.InputWidth, _height, _width);
        component.Masks =
        [
            .. Enumerable.Range(0, 3)
                .Select(one => MaskMergeOracle.Mask(geometry, new MaskScene(logits, [.. Enumerable.Range(0, 3).Select(i => i == one ? 1f : 0)], [0]), 0)),
        ];
        component.Mask = component.Masks[component.Chosen];
    }

    private (byte[] Map, bool[] Clashes) Merge(OracleComponent[] prompted)
    {
        byte[] map = new byte[_map.Length];
        bool[] clashes = new bool[_map.Length];
        for (int pixel = 0; pixel < map.Length; pixel++)
        {
            int[] here = [.. prompted.Where(component => component.Mask![pixel]).Select(component => component.MaskClass)];
            clashes[pixel] = (_options.Overlap == OverlapRule.All ? here.Length : here.Distinct().Count()) > 1;
            map[pixel] = here.Length == 0 || clashes[pixel] ? (byte)255 : (byte)here[0];
        }

        return (map, clashes);
    }

    private bool[] Union(IEnumerable<OracleComponent> masks, bool[] clashes)
    {
        bool[] union = new bool[_map.Length];
        foreach (OracleComponent component in masks)
        {
            for (int i = 0; i < union.Length; i++)
            {
                union[i] |= component.Mask![i] && (_options.Overlap == OverlapRule.Keep || !clashes[i]);
            }
        }

        return union;
    }
}
