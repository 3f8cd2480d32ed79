using System.Diagnostics.CodeAnalysis;

namespace Clouds.Server.Requests;

/// <summary>Things by name, so many of them; whoever was not asked for longest gives way.</summary>
/// <typeparam name="T">The things.</typeparam>
/// <param name="most">How many, 1 or more.</param>
internal sealed class RecentlyUsed<T>(int most)
    where T : class
{
    private readonly Lock _lock = new();
    private readonly LinkedList<(string Name, T Thing)> _things = [];

    /// <summary>Looks for a thing.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out T? thing)
    {
        lock (_lock)
        {
            LinkedListNode<(string Name, T Thing)>? node = _things.First;
            while (node is not null && node.Value.Name != name)
            {
                node = node.Next;
            }

            if (node is not null)
            {
                _things.Remove(node);
                _things.AddFirst(node);
            }

            thing = node?.Value.Thing;
            return thing is not null;
        }
    }

    /// <summary>Keeps a thing.</summary>
    public void Add(string name, T thing)
    {
        lock (_lock)
        {
            _things.AddFirst((name, thing));
            if (_things.Count > most)
            {
                _things.RemoveLast();
            }
        }
    }
}
