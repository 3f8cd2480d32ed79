namespace Clouds.Training.Engine;

/// <summary>Makes what a step needs one step ahead, in the background.</summary>
/// <typeparam name="T">What is made.</typeparam>
/// <param name="make">Makes it for a step: a function of the step alone, never called twice at once.</param>
/// <param name="steps">Steps of the whole run; nothing is made beyond them.</param>
public sealed class OneAhead<T>(Func<long, T> make, long steps)
{
    private Task<T>? _next;
    private long _nextStep;

    /// <summary>What a step needs; the next step's begins to be made.</summary>
    public T Take(long step)
    {
        T taken = _next is not null && _nextStep == step ? _next.GetAwaiter().GetResult() : Make(step);
        _nextStep = step + 1;
        _next = _nextStep < steps ? Task.Run(() => make(step + 1)) : null;
        return taken;
    }

    private T Make(long step)
    {
        _next?.Wait();
        return make(step);
    }
}
