namespace Clouds.Runtime.Kernels;

/// <summary>Runs a kernel's work range on several threads; kernels give the same bits for every split.</summary>
public static class WorkSplit
{
    /// <summary>Threads used where a caller names none: one a processor.</summary>
    public static int DefaultThreads => Environment.ProcessorCount;

    /// <summary>Calls <paramref name="body"/> with adjoining ranges that cover 0..total.</summary>
    /// <param name="threads">Largest number of threads; 0 means <see cref="DefaultThreads"/>.</param>
    /// <param name="total">Units of work.</param>
    /// <param name="body">Receives the first unit and the one behind the last; called concurrently.</param>
    /// <param name="cancellation">Stops between ranges.</param>
    public static void Run(int threads, int total, Action<int, int> body, CancellationToken cancellation = default)
    {
        threads = threads == 0 ? DefaultThreads : threads;
        cancellation.ThrowIfCancellationRequested();

        // Several ranges a thread, so that a thread that was held up does not hold up the others.
        int ranges = Math.Min(total, threads == 1 && !cancellation.CanBeCanceled ? 1 : threads * 8);
        if (threads == 1 || total <= 1)
        {
            for (int i = 0; i < ranges; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                body(Border(i, ranges, total), Border(i + 1, ranges, total));
            }

            return;
        }

        ParallelOptions options = new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.For(0, ranges, options, i => body(Border(i, ranges, total), Border(i + 1, ranges, total)));
    }

    private static int Border(int range, int ranges, int total) => (int)((long)total * range / ranges);
}
