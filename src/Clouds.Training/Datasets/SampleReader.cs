using Clouds.Diagnostics;

namespace Clouds.Training.Datasets;

/// <summary>Reads the samples of a set, several at once, and leaves out those that cannot be used.</summary>
/// <param name="nameOf">A sample's name.</param>
/// <param name="config">What becomes of those that cannot be used.</param>
internal sealed class SampleReader(Func<int, string> nameOf, DataConfig config)
{
    private readonly List<DatasetProblem> _leftOut = [];

    /// <summary>The samples that were left out so far.</summary>
    public IReadOnlyList<DatasetProblem> LeftOut => _leftOut;

    /// <summary>What is made of the usable samples, in the order of their indices; one of which it cannot be made is left out too.</summary>
    /// <param name="indices">Those that are wanted.</param>
    /// <param name="make">Loads a sample and does with it what can be done side by side; runs on several threads at once.</param>
    /// <param name="cancellation">Stops between two samples.</param>
    /// <exception cref="CloudsException">BadInput: one cannot be used and may not be left out.</exception>
    public IEnumerable<T> Samples<T>(IEnumerable<int> indices, Func<int, T> make, CancellationToken cancellation)
        where T : class
    {
        IEnumerable<int> wanted = indices.TakeWhile(_ => !cancellation.IsCancellationRequested);
        foreach ((T? made, DatasetProblem? problem) in SideBySide.Select(wanted, index => Read(index, make)))
        {
            cancellation.ThrowIfCancellationRequested();
            if (made is not null)
            {
                yield return made;
            }
            else
            {
                _leftOut.Add(problem!);
            }
        }

        cancellation.ThrowIfCancellationRequested();
    }

    private (T? Made, DatasetProblem? Problem) Read<T>(int index, Func<int, T> make)
        where T : class
    {
        try
        {
            return (make(index), null);
        }
        catch (CloudsException e) when (e.Failure == Failure.BadInput)
        {
            DatasetProblem problem = DatasetProblem.Of(nameOf(index), e);
            if (config.Rule(problem) == BadSample.Fail)
            {
                throw;
            }

            return (null, problem);
        }
    }
}
