using Clouds.Models.Sam;
using Clouds.Runtime.Kernels;

namespace Clouds.Native.Sam;

/// <summary>Prompts as the network takes them: each with the same number of points, corners of boxes among them.</summary>
internal sealed class PromptTokens
{
    private PromptTokens(int count, float[] places, long[] labels, float[]? masks) => (Count, Places, Labels, Masks) = (count, places, labels, masks);

    /// <summary>N.</summary>
    public int Count { get; }

    /// <summary>P.</summary>
    public int Points => Labels.Length / Count;

    /// <summary>[N, P, 2], (x, y) in pixels of the frame.</summary>
    public float[] Places { get; }

    /// <summary>[N, P], labels of <see cref="PromptEncoder"/>.</summary>
    public long[] Labels { get; }

    /// <summary>[N, side, side] logits; null: no masks.</summary>
    public float[]? Masks { get; }

    /// <summary>Prompts of one shape.</summary>
    /// <param name="prompts">One or more.</param>
    /// <param name="geometry">How the image lies in the frame.</param>
    public static PromptTokens Of(IReadOnlyList<MaskPrompt> prompts, MaskGeometry geometry)
    {
        (float across, float down) = (Across(geometry), Down(geometry));
        (float X, float Y, long Label)[] tokens = [.. prompts.SelectMany(Tokens)];
        return new PromptTokens(
            prompts.Count, [.. tokens.SelectMany(token => new[] { token.X * across, token.Y * down })], [.. tokens.Select(token => token.Label)],
            prompts[0].Mask is null ? null : [.. prompts.SelectMany(prompt => prompt.Mask!)]);
    }

    /// <summary>Prompts of points inside what is looked for, all of them with as many.</summary>
    /// <param name="count">How many, 1 or more.</param>
    /// <param name="points">(x, y) in pixels of the image, [count, points, 2].</param>
    /// <param name="masks">[count, side, side] logits, or empty.</param>
    /// <param name="geometry">How the image lies in the frame.</param>
    public static PromptTokens Of(int count, ReadOnlySpan<float> points, ReadOnlySpan<float> masks, MaskGeometry geometry)
    {
        (int each, int side) = (points.Length / (2 * count), masks.Length / count);
        MaskPrompt[] prompts = new MaskPrompt[count];
        for (int i = 0; i < count; i++)
        {
            float[] own = points.Slice(2 * i * each, 2 * each).ToArray();
            prompts[i] = new MaskPrompt
            {
                Points = [.. own.Chunk(2).Select(place => new PromptPoint(place[0], place[1]))],
                Mask = masks.IsEmpty ? null : masks.Slice(i * side, side).ToArray(),
            };
        }

        return Of(prompts, geometry);
    }

    /// <summary>Consecutive prompts of one shape, at most so many.</summary>
    public static IEnumerable<IReadOnlyList<MaskPrompt>> Chunks(IEnumerable<MaskPrompt> prompts, int most)
    {
        List<MaskPrompt> chunk = [];
        foreach (MaskPrompt prompt in prompts)
        {
            if (chunk.Count == most || (chunk.Count > 0 && Shape(chunk[0]) != Shape(prompt)))
            {
                yield return chunk;
                chunk = [];
            }

            chunk.Add(prompt);
        }

        if (chunk.Count > 0)
        {
            yield return chunk;
        }
    }

    /// <summary>From columns of the image to columns of the frame.</summary>
    public static float Across(MaskGeometry geometry) => (float)((double)geometry.InputWidth / geometry.OutputWidth);

    /// <summary>From rows of the image to rows of the frame.</summary>
    public static float Down(MaskGeometry geometry) => (float)((double)geometry.InputHeight / geometry.OutputHeight);

    /// <summary>Cuts a batch into parts of 1, 2, 4, ... prompts, the largest first, so that a few sessions serve every number of them.</summary>
    /// <param name="count">Prompts in all.</param>
    /// <param name="most">Most prompts of a part.</param>
    public static IEnumerable<(int From, int Count)> Parts(int count, int most)
    {
        for (int from = 0; from < count;)
        {
            int part = 1 << (int)Math.Log2(Math.Min(most, count - from));
            yield return (from, part);
            from += part;
        }
    }

    /// <summary>Some of the prompts.</summary>
    public PromptTokens Slice(int from, int count)
    {
        int side = (Masks?.Length ?? 0) / Count;
        return new PromptTokens(count, Places[(2 * from * Points)..(2 * (from + count) * Points)], Labels[(from * Points)..((from + count) * Points)],
            Masks?[(from * side)..((from + count) * side)]);
    }

    // In the reference's order: points, then the box; where there is none a point stands for it. A mask alone has no tokens.
    private static IEnumerable<(float X, float Y, long Label)> Tokens(MaskPrompt prompt)
    {
        if (prompt.Points.Count == 0 && prompt.Box is null)
        {
            yield break;
        }

        foreach (PromptPoint point in prompt.Points)
        {
            yield return (point.X, point.Y, point.Inside ? PromptEncoder.Foreground : PromptEncoder.Background);
        }

        yield return prompt.Box is PromptBox corner ? (corner.Left, corner.Top, PromptEncoder.UpperLeft) : (0, 0, PromptEncoder.Padding);
        if (prompt.Box is PromptBox box)
        {
            yield return (box.Right, box.Bottom, PromptEncoder.LowerRight);
        }
    }

    private static (int Points, bool Box, bool Mask) Shape(MaskPrompt prompt) => (prompt.Points.Count, prompt.Box is not null, prompt.Mask is not null);
}
