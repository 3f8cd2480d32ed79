using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

/// <summary>Inputs of a merge.</summary>
internal sealed record MaskScene(float[] Logits, float[] Iou, byte[] Classes);

/// <summary>The merge pixel by pixel: each output value from four frame values, each of those from four logits.</summary>
internal static class MaskMergeOracle
{
    public static (byte[] Labels, int[] Areas) Run(MaskGeometry g, MaskScene scene, MaskOverlap overlap)
    {
        int[] best = [.. Enumerable.Range(0, scene.Classes.Length).Select(i => Enumerable.Range(0, 3).MaxBy(c => scene.Iou[(3 * i) + c]))];
        byte[] labels = new byte[g.Pixels];
        int[] areas = new int[best.Length];
        for (int pixel = 0; pixel < labels.Length; pixel++)
        {
            (int y, int x) = Math.DivRem(pixel, g.OutputWidth);
            List<byte> covering = [];
            for (int i = 0; i < best.Length; i++)
            {
                ReadOnlySpan<float> mask = scene.Logits.AsSpan(((3 * i) + best[i]) * g.MaskPixels, g.MaskPixels);
                if (Output(g, mask, x, y) > 0)
                {
                    covering.Add(scene.Classes[i]);
                    areas[i]++;
                }
            }

            bool clash = overlap == MaskOverlap.Any ? covering.Count > 1 : covering.Distinct().Count() > 1;
            labels[pixel] = covering.Count == 0 || clash ? (byte)255 : covering[0];
        }

        return (labels, areas);
    }

    /// <summary>The pixels of one prompt's chosen mask.</summary>
    public static bool[] Mask(MaskGeometry g, MaskScene scene, int i)
    {
        int best = Enumerable.Range(0, 3).MaxBy(c => scene.Iou[(3 * i) + c]);
        float[] mask = scene.Logits[(((3 * i) + best) * g.MaskPixels)..(((3 * i) + best + 1) * g.MaskPixels)];
        return [.. Enumerable.Range(0, g.Pixels).Select(pixel => Output(g, mask, pixel % g.OutputWidth, pixel / g.OutputWidth) > 0)];
    }

    public static float Output(MaskGeometry g, ReadOnlySpan<float> mask, int x, int y)
    {
        (int x0, int x1, float u0, float u1) = Tap(x, g.InputWidth, g.OutputWidth);
        (int y0, int y1, float v0, float v1) = Tap(y, g.InputHeight, g.OutputHeight);
        float upper = (u0 * Frame(g, mask, x0, y0)) + (u1 * Frame(g, mask, x1, y0));
        float lower = (u0 * Frame(g, mask, x0, y1)) + (u1 * Frame(g, mask, x1, y1));
        return (v0 * upper) + (v1 * lower);
    }

    private static float Frame(MaskGeometry g, ReadOnlySpan<float> mask, int x, int y)
    {
        (int x0, int x1, float u0, float u1) = Tap(x, g.MaskWidth, g.FrameWidth);
        (int y0, int y1, float v0, float v1) = Tap(y, g.MaskHeight, g.FrameHeight);
        float upper = (u0 * mask[(y0 * g.MaskWidth) + x0]) + (u1 * mask[(y0 * g.MaskWidth) + x1]);
        float lower = (u0 * mask[(y1 * g.MaskWidth) + x0]) + (u1 * mask[(y1 * g.MaskWidth) + x1]);
        return (v0 * upper) + (v1 * lower);
    }

    private static (int First, int Second, float FirstWeight, float SecondWeight) Tap(int i, int source, int target)
    {
        float scale = (float)source / target;
        float position = Math.Max((scale * (i + 0.5f)) - 0.5f, 0);
        int first = Math.Min((int)position, source - 1);
        float fraction = position - first;
        return (first, Math.Min(first + 1, source - 1), 1 - fraction, fraction);
    }
}
