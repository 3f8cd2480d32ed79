namespace Clouds.Native.Sam;

/// <summary>Non-maximum suppression: of boxes that overlap much only the best stays.</summary>
internal static class BoxSuppression
{
    /// <summary>The masks that stay, the best first; among equals the earlier one is better.</summary>
    /// <param name="masks">Masks with boxes.</param>
    /// <param name="goodness">What is better.</param>
    /// <param name="mostOverlap">Largest IoU of two boxes that both stay.</param>
    public static List<FoundMask> Keep(IEnumerable<FoundMask> masks, Func<FoundMask, double> goodness, float mostOverlap)
    {
        List<FoundMask> kept = [];
        foreach (FoundMask mask in masks.OrderByDescending(goodness))
        {
            if (!kept.Exists(better => Overlap(better.Box, mask.Box) > mostOverlap))
            {
                kept.Add(mask);
            }
        }

        return kept;
    }

    private static float Overlap(PromptBox a, PromptBox b)
    {
        float width = Math.Max(0, Math.Min(a.Right, b.Right) - Math.Max(a.Left, b.Left));
        float height = Math.Max(0, Math.Min(a.Bottom, b.Bottom) - Math.Max(a.Top, b.Top));
        return width * height / (Area(a) + Area(b) - (width * height));
    }

    private static float Area(PromptBox box) => (box.Right - box.Left) * (box.Bottom - box.Top);
}
