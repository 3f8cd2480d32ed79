namespace Clouds.Graph.Building;

/// <content>Parts that stay in single precision.</content>
public sealed partial class GraphBuilder
{
    private readonly Stack<string> _singles = new();

    /// <summary>
    /// Nodes appended until the returned object is disposed, and those of their gradients, stay in single precision where a training mixes precisions
    /// (<see cref="Autodiff.MixedPrecision"/>): torch.autocast(enabled=False). It changes nothing else.
    /// </summary>
    public IDisposable InSingle()
    {
        _singles.Push(Name);
        return new ScopeEnd(_singles);
    }
}
