using Clouds.Native.Refinement;
using Clouds.Runtime.Kernels;

namespace Clouds.Native.Sam;

/// <summary>
/// Fills small holes of masks and takes small islands away, as Segment Anything's own mask generator does on request. Pixels that touch at a corner belong
/// together. A mask of small islands alone keeps the largest. Dispose it.
/// </summary>
/// <param name="least">Pixels of the smallest region that stays, 1 or more.</param>
/// <param name="threads">0 = one a processor.</param>
internal sealed class SmallRegions(int least, int threads) : IDisposable
{
    private const byte Outside = 0, Inside = 1;

    private static readonly ComponentRule Islands = new(Connectivity.Eight, Excluded: [Outside]);

    private readonly ComponentRule _holes = new(Connectivity.Eight, least - 1, [Inside]);
    private readonly ConnectedComponents _components = new();

    /// <summary>Masks without what is small; of those that then nearly are the same, one that has not changed stays.</summary>
    /// <param name="masks">Masks of one image.</param>
    /// <param name="mostOverlap">Largest IoU of two boxes that both stay.</param>
    /// <returns>Those that have not changed first, in the given order.</returns>
    public List<FoundMask> Remove(IReadOnlyList<FoundMask> masks, float mostOverlap)
    {
        FoundMask[] without = [.. masks.Select(Remove)];
        HashSet<FoundMask> unchanged = [.. masks.Intersect(without)];
        return BoxSuppression.Keep(without, mask => unchanged.Contains(mask) ? 1 : 0, mostOverlap);
    }

    /// <inheritdoc/>
    public void Dispose() => _components.Dispose();

    private FoundMask Remove(FoundMask found)
    {
        PixelMask mask = found.Mask;
        byte[] pixels = new byte[mask.Width * mask.Height];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = mask.Contains(i % mask.Width, i / mask.Width) ? Inside : Outside;
        }

        int[] labels = new int[pixels.Length];
        bool changed = FillHoles(pixels, mask.Height, labels);
        return DropIslands(pixels, mask.Height, labels) | changed ? Of(found, pixels) : found;
    }

    private bool FillHoles(byte[] pixels, int height, int[] labels)
    {
        _components.Run(pixels, height, pixels.Length / height, _holes, labels, threads);
        bool changed = false;
        for (int i = 0; i < pixels.Length; i++)
        {
            if (pixels[i] == Outside && labels[i] < 0)
            {
                (pixels[i], changed) = (Inside, true);
            }
        }

        return changed;
    }

    private bool DropIslands(byte[] pixels, int height, int[] labels)
    {
        ReadOnlySpan<Component> islands = _components.Run(pixels, height, pixels.Length / height, Islands, labels, threads);
        bool[] stays = new bool[islands.Length];
        int largest = 0;
        for (int i = 0; i < islands.Length; i++)
        {
            stays[i] = islands[i].Area >= least;
            largest = islands[i].Area > islands[largest].Area ? i : largest;
        }

        if (!stays.Contains(false))
        {
            return false;
        }

        stays[largest] = true;
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = labels[i] >= 0 && stays[labels[i]] ? Inside : Outside;
        }

        return true;
    }

    private static FoundMask Of(FoundMask found, byte[] pixels)
    {
        (int width, int height) = (found.Mask.Width, found.Mask.Height);
        int words = PixelMask.Words(width);
        uint[] plane = new uint[words * height];
        (int left, int top, int right, int bottom) = (int.MaxValue, int.MaxValue, -1, -1);
        for (int i = 0; i < pixels.Length; i++)
        {
            if (pixels[i] == Inside)
            {
                (int y, int x) = (i / width, i % width);
                plane[(y * words) + (x / PixelMask.WordBits)] |= 1u << (x % PixelMask.WordBits);
                (left, right, top, bottom) = (Math.Min(left, x), Math.Max(right, x), Math.Min(top, y), Math.Max(bottom, y));
            }
        }

        return found.With(PixelMask.Of(plane, width, height), new PromptBox(left, top, right, bottom));
    }
}
