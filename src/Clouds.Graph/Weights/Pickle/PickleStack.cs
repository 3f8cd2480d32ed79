namespace Clouds.Graph.Weights.Pickle;

/// <summary>The stack of the machine, with the places that were marked in it.</summary>
internal sealed class PickleStack(PickleReader reader)
{
    private const int SlotBytes = 32;

    private readonly List<object?> _values = [];
    private readonly Stack<int> _marks = [];

    /// <summary>Values above the last mark, or above the bottom.</summary>
    private int Above => _values.Count - (_marks.Count > 0 ? _marks.Peek() : 0);

    public void Push(object? value)
    {
        Grow(_values.Count, _values.Capacity);
        _values.Add(value);
    }

    public void Mark()
    {
        Grow(_marks.Count, _marks.Capacity);
        _marks.Push(_values.Count);
    }

    public object? Top() => Above > 0 ? _values[^1] : throw Empty();

    public object? Pop()
    {
        object? top = Top();
        _values.RemoveAt(_values.Count - 1);
        return top;
    }

    /// <summary>Takes the last values, oldest first.</summary>
    public object?[] Pop(int count)
    {
        if (Above < count)
        {
            throw Empty();
        }

        reader.Charge(32 + (8L * count));
        object?[] values = new object?[count];
        _values.CopyTo(_values.Count - count, values, 0, count);
        _values.RemoveRange(_values.Count - count, count);
        return values;
    }

    /// <summary>Takes everything above the last mark, and the mark.</summary>
    public object?[] PopToMark()
    {
        object?[] values = _marks.Count > 0 ? Pop(Above) : throw Empty();
        _marks.Pop();
        return values;
    }

    /// <summary>Takes the last value; where none is above the last mark, the mark instead.</summary>
    public void Drop()
    {
        if (Above == 0 && _marks.Count > 0)
        {
            _marks.Pop();
        }
        else
        {
            Pop();
        }
    }

    private void Grow(int count, int capacity)
    {
        if (count == capacity)
        {
            reader.Charge(SlotBytes * Math.Max(4L, capacity));
        }
    }

    private Diagnostics.CloudsException Empty() =>
        reader.Refuse("a pickle takes what it never put down", "an empty stack", "a value");
}
