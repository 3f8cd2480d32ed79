using Clouds.Graph.Randomness;
using Clouds.Runtime.Kernels;

namespace Clouds.Verification.Benchmarks;

/// <summary>
/// A refinement as the released code goes about it (kernels.md section 1), to be timed beside ours: class by class, a dense mask for each component and for
/// each of three answers, every mask at full size twice. Resizes are shared out among threads, as its library does; the rest is sequential there too.
/// </summary>
internal sealed class ReferenceRefinement(byte[] map, MaskGeometry geometry, float[] logits, float[] scores, int largerThan, int points)
{
    private readonly int _pixels = geometry.Pixels;

    /// <summary>The new label map, 255 where there is no mask or several.</summary>
    public byte[] Run(int threads)
    {
        List<(byte Class, long[] Mask)> components = Components();
        foreach ((byte _, long[] mask) in components)
        {
            Draw(mask);
        }

        bool[][] masks = new bool[components.Count * MaskMerge.Candidates][];
        WorkSplit.Run(threads, masks.Length, (from, to) => Resize(masks, from, to));
        int[] best = MaskMerge.Best(scores);
        return Merge(components, [.. best.Select((candidate, i) => masks[(i * MaskMerge.Candidates) + candidate])]);
    }

    private List<(byte Class, long[] Mask)> Components()
    {
        List<(byte, long[])> components = [];
        foreach (byte id in map.Distinct().Where(id => id != ComponentRule.Ignore).Order())
        {
            (int[] labels, int count) = Label(Array.ConvertAll(map, here => here == id));
            int[] areas = new int[count + 1];
            Array.ForEach(labels, label => areas[label]++);
            for (int i = 1; i <= count; i++)
            {
                if (areas[i] > largerThan)
                {
                    components.Add((id, Array.ConvertAll(labels, label => label == i ? 1L : 0)));
                }
            }
        }

        return components;
    }

    private (int[] Labels, int Count) Label(bool[] mask)
    {
        int[] labels = new int[_pixels];
        Stack<int> open = new();
        int count = 0;
        for (int i = 0; i < _pixels; i++)
        {
            if (mask[i] && labels[i] == 0)
            {
                labels[i] = ++count;
                open.Push(i);
                Grow(mask, labels, open, count);
            }
        }

        return (labels, count);
    }

    private void Grow(bool[] mask, int[] labels, Stack<int> open, int label)
    {
        int width = geometry.OutputWidth;
        while (open.TryPop(out int pixel))
        {
            int x = pixel % width;
            foreach ((int next, bool inside) in (ReadOnlySpan<(int, bool)>)
                [(pixel - 1, x > 0), (pixel + 1, x < width - 1), (pixel - width, pixel >= width), (pixel + width, pixel + width < _pixels)])
            {
                if (inside && mask[next] && labels[next] == 0)
                {
                    labels[next] = label;
                    open.Push(next);
                }
            }
        }
    }

    private void Draw(long[] mask)
    {
        List<int> pixels = [];
        for (int i = 0; i < mask.Length; i++)
        {
            if (mask[i] == 1)
            {
                pixels.Add(i);
            }
        }

        // Without replacement, by a permutation of all of them, as the library draws.
        int[] order = new RandomStream(1, "reference points").NextPermutation(pixels.Count);
        _ = order.Take(points).Select(i => pixels[i]).ToArray();
    }

    private void Resize(bool[][] masks, int from, int to)
    {
        MaskGeometry g = geometry;
        for (int i = from; i < to; i++)
        {
            float[] frame = Bilinear(
                logits.AsSpan(i * g.MaskPixels, g.MaskPixels), (g.MaskHeight, g.MaskWidth), g.MaskWidth, (g.FrameHeight, g.FrameWidth));
            float[] output = Bilinear(frame, (g.InputHeight, g.InputWidth), g.FrameWidth, (g.OutputHeight, g.OutputWidth));
            masks[i] = Array.ConvertAll(output, value => value > 0);
        }
    }

    private static float[] Bilinear(ReadOnlySpan<float> source, (int Height, int Width) size, int pitch, (int Height, int Width) target)
    {
        float[] output = new float[target.Height * target.Width];
        (int[] x0, float[] fx) = Taps(size.Width, target.Width);
        (int[] y0, float[] fy) = Taps(size.Height, target.Height);
        for (int y = 0; y < target.Height; y++)
        {
            ReadOnlySpan<float> upper = source.Slice(y0[y] * pitch, size.Width);
            ReadOnlySpan<float> lower = source.Slice(Math.Min(y0[y] + 1, size.Height - 1) * pitch, size.Width);
            for (int x = 0; x < target.Width; x++)
            {
                int right = Math.Min(x0[x] + 1, size.Width - 1);
                float above = ((1 - fx[x]) * upper[x0[x]]) + (fx[x] * upper[right]);
                float below = ((1 - fx[x]) * lower[x0[x]]) + (fx[x] * lower[right]);
                output[(y * target.Width) + x] = ((1 - fy[y]) * above) + (fy[y] * below);
            }
        }

        return output;
    }

    private static (int[] First, float[] Fraction) Taps(int source, int target)
    {
        float scale = (float)source / target;
        float[] positions = [.. Enumerable.Range(0, target).Select(i => Math.Max(0, (scale * (i + 0.5f)) - 0.5f))];
        int[] first = Array.ConvertAll(positions, position => Math.Min((int)position, source - 1));
        return (first, [.. positions.Zip(first, (position, index) => position - index)]);
    }

    private byte[] Merge(List<(byte Class, long[] Mask)> components, bool[][] masks)
    {
        int[] counts = new int[_pixels];
        foreach (bool[] mask in masks)
        {
            for (int i = 0; i < _pixels; i++)
            {
                counts[i] += mask[i] ? 1 : 0;
            }
        }

        byte[] merged = new byte[_pixels];
        Array.Fill(merged, ComponentRule.Ignore);
        for (int m = 0; m < masks.Length; m++)
        {
            for (int i = 0; i < _pixels; i++)
            {
                merged[i] = masks[m][i] && counts[i] == 1 ? components[m].Class : merged[i];
            }
        }

        return merged;
    }
}
