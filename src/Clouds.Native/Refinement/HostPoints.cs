using Clouds.Runtime.Kernels;

namespace Clouds.Native.Refinement;

/// <summary>Components and their points on the processor. Dispose it.</summary>
/// <param name="threads">0 = one a processor.</param>
internal sealed class HostPoints(int threads) : IDisposable
{
    private readonly ConnectedComponents _components = new();
    private readonly CentrePoints _centre = new();
    private byte[] _map = [];
    private int _height;
    private int _width;
    private ComponentRule _rule = new();

    /// <summary>As <see cref="IRefinementKernels.Label"/>.</summary>
    public Component[] Label(byte[] map, int height, int width, ComponentRule rule)
    {
        (_map, _height, _width, _rule) = (map, height, width, rule);
        return _components.RunKeepingPixels(map, height, width, rule, threads).ToArray();
    }

    /// <summary>As <see cref="IRefinementKernels.Draw"/>.</summary>
    public void Draw(PointDraw draw, Span<float> points, Span<int> counts)
    {
        if (draw.Selection == PointSelection.Random)
        {
            ComponentPoints.Run(_components, draw.Count, draw.Key, 0, points, counts, draw.Window);
            return;
        }

        int[] labels = new int[_map.Length];
        ReadOnlySpan<Component> table = _components.Run(_map, _height, _width, _rule, labels, threads);
        _centre.Run(table, labels, _width, draw, points, counts);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _components.Dispose();
        _centre.Dispose();
    }
}
