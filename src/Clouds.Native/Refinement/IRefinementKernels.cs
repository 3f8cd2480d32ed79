using Clouds.Runtime.Kernels;

namespace Clouds.Native.Refinement;

/// <summary>
/// The refinement's work on pixels, on the processor or on a GPU, with the same results: label, draw, begin, merge chunk after chunk, end. Keeps its
/// memory from image to image; one call at a time; dispose it.
/// </summary>
internal interface IRefinementKernels : IDisposable
{
    /// <summary>Components larger than the rule's threshold, by (class, first pixel).</summary>
    /// <param name="map">[height, width]; read until <see cref="Draw"/> returns.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="width">Columns, 1 or more.</param>
    /// <param name="rule">What counts.</param>
    Component[] Label(byte[] map, int height, int width, ComponentRule rule);

    /// <summary>Points of the components that were labelled last.</summary>
    /// <param name="draw">How many and where.</param>
    /// <param name="points">(x, y), [components, k, 2], overwritten; zeros where a component gets none.</param>
    /// <param name="counts">[components], overwritten: k or 0.</param>
    void Draw(PointDraw draw, Span<float> points, Span<int> counts);

    /// <summary>Starts the masks of an image.</summary>
    void Begin(MergePlan plan);

    /// <summary>Asks for the masks of a chunk and lays them over those before.</summary>
    /// <param name="image">Who is asked.</param>
    /// <param name="chunk">What is asked; receives scores and areas.</param>
    /// <param name="chosen">Receives the pixels of each chosen mask, [prompts, height, ⌈width / 32⌉]; empty: nobody asks.</param>
    /// <param name="cancellation">Ends the call.</param>
    void Merge(IEmbeddedImage image, PromptChunk chunk, Span<uint> chosen, CancellationToken cancellation);

    /// <summary>The pixels of each prompt's masks of the last chunk, chosen or not.</summary>
    /// <param name="candidate">Which of the three.</param>
    /// <param name="chunk">The last chunk.</param>
    /// <param name="pixels">Overwritten, [prompts, height, ⌈width / 32⌉].</param>
    void Show(int candidate, PromptChunk chunk, Span<uint> pixels);

    /// <summary>What all masks since <see cref="Begin"/> have led to, as <see cref="MergedMasks"/> has it; where a span is empty nobody asks.</summary>
    void End(Span<byte> labels, Span<uint> clashes = default, Span<uint> bitmaps = default);
}

/// <summary>How points are drawn.</summary>
/// <param name="Count">k.</param>
/// <param name="Selection">Where.</param>
/// <param name="Window">Odd side of a window that has to lie inside the component; 1 = none.</param>
/// <param name="Key">Key of the generator.</param>
internal readonly record struct PointDraw(int Count, PointSelection Selection, int Window, ulong Key);

/// <summary>What is the same for all masks of an image.</summary>
/// <param name="Geometry">How they lie over it.</param>
/// <param name="Planes">Classes that have a plane of bits.</param>
/// <param name="Overlap">Which overlaps are clashes.</param>
/// <param name="MostPrompts">Of a chunk.</param>
/// <param name="SecondPass">Whether every prompt is asked twice.</param>
internal sealed record MergePlan(MaskGeometry Geometry, int Planes, MaskOverlap Overlap, int MostPrompts, bool SecondPass)
{
    /// <summary>Words of a plane of bits.</summary>
    public int PlaneWords => Geometry.OutputHeight * PixelMask.Words(Geometry.OutputWidth);
}

/// <summary>Prompts that are answered together.</summary>
/// <param name="points">(x, y), [prompts, k, 2].</param>
/// <param name="classes">Whose the masks are, [prompts].</param>
internal sealed class PromptChunk(float[] points, byte[] classes)
{
    public int Count => classes.Length;

    public float[] Points => points;

    public byte[] Classes => classes;

    /// <summary>[prompts, 3].</summary>
    public float[] Scores { get; } = new float[classes.Length * MaskMerge.Candidates];

    /// <summary>Pixels of each mask.</summary>
    public int[] Areas { get; } = new int[classes.Length];

    /// <summary>Scores by which one of the three wins everywhere.</summary>
    public float[] ScoresFor(int candidate) => [.. Enumerable.Range(0, Scores.Length).Select(i => i % MaskMerge.Candidates == candidate ? 1f : 0f)];
}
