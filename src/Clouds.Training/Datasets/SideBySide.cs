namespace Clouds.Training.Datasets;

/// <summary>Work on the items of a sequence on several threads at once, whose results come in the order of the items.</summary>
public static class SideBySide
{
    // Each of them holds an image or two.
    private const int Most = 16;

    /// <summary>Items that are under way where nothing else is said: while one waits, for a file or for the network, a processor has another.</summary>
    public static int Usual => Math.Clamp(2 * Environment.ProcessorCount, 2, Most);

    /// <summary>
    /// What is made of each item. A failure comes when it is the item's turn; whoever stops before the end waits for the items that are under way.
    /// </summary>
    /// <param name="items">Taken on the caller's thread, one whenever there is room.</param>
    /// <param name="make">Runs on threads of the pool.</param>
    /// <param name="most">Items and results held at once; null: <see cref="Usual"/>.</param>
    public static IEnumerable<TResult> Select<T, TResult>(IEnumerable<T> items, Func<T, TResult> make, int? most = null)
    {
        Queue<Task<TResult>> underWay = [];
        try
        {
            foreach (T item in items)
            {
                underWay.Enqueue(Task.Run(() => make(item)));
                if (underWay.Count == (most ?? Usual))
                {
                    yield return underWay.Dequeue().GetAwaiter().GetResult();
                }
            }

            while (underWay.TryDequeue(out Task<TResult>? next))
            {
                yield return next.GetAwaiter().GetResult();
            }
        }
        finally
        {
            // What they work with is the caller's, who may dispose of it now; their failures would come out of turn.
            Task.WhenAll(underWay).ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        }
    }
}
