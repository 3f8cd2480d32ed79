using Clouds.Runtime.Kernels;

namespace Clouds.Native.Refinement;

/// <summary>The components of an image that are large enough, and the points of those that have some.</summary>
/// <param name="all">By (class, first pixel).</param>
/// <param name="points">(x, y), [components, k, 2].</param>
/// <param name="counts">[components]: k or 0.</param>
/// <param name="perComponent">k.</param>
internal sealed class PromptedComponents(Component[] all, float[] points, int[] counts, int perComponent)
{
    public Component[] All => all;

    /// <summary>Those with points: prompt i belongs to component <c>Indices[i]</c>.</summary>
    public int[] Indices { get; } = [.. Enumerable.Range(0, all.Length).Where(i => counts[i] > 0)];

    /// <summary>A record without a mask.</summary>
    public static RefinedComponent Record(Component component, int number, ComponentFate fate) => new()
    {
        Number = number,
        Class = component.Class,
        Area = component.Area,
        X = component.X0,
        Y = component.Y0,
        Width = component.Width,
        Height = component.Height,
        FirstPixel = component.FirstPixel,
        Fate = fate,
    };

    /// <summary>
    /// Whose each prompt's mask is: its component's class. With the released code's count, which has components without points in it, the class of the
    /// component that stands at the prompt's own place.
    /// </summary>
    public byte[] MaskClasses(bool emulateCountBug) => [.. Indices.Select((component, prompt) => (byte)all[emulateCountBug ? prompt : component].Class)];

    /// <summary>Points of the prompts from..to, [prompts, k, 2].</summary>
    public float[] Points(int from, int to)
        => [.. Indices.AsSpan(from, to - from).ToArray().SelectMany(component => points[Floats(component)])];

    /// <summary>A component's points in pixels.</summary>
    public (int X, int Y)[] PointsOf(int component)
        => [.. points[Floats(component)].Chunk(2).Select(point => ((int)point[0], (int)point[1]))];

    private Range Floats(int component) => (2 * perComponent * component)..(2 * perComponent * (component + 1));
}
