using Clouds.Diagnostics;

namespace Clouds.Training.Datasets;

/// <summary>Reads the samples of a data set in order and leaves out those that cannot be used.</summary>
internal sealed class SampleReader(IDataset data, DataConfig config)
{
    private readonly List<DatasetProblem> _leftOut = [];

    /// <summary>The samples that were left out so far.</summary>
    public IReadOnlyList<DatasetProblem> LeftOut => _leftOut;

    /// <summary>The usable samples, each read when it is asked for.</summary>
    /// <exception cref="CloudsException">BadInput: one cannot be used and may not be left out.</exception>
    public IEnumerable<Sample> Samples(CancellationToken cancellation) => Samples(sample => sample, cancellation);

    /// <summary>What is made of the usable samples; one of which it cannot be made is left out too.</summary>
    /// <exception cref="CloudsException">BadInput: one cannot be used and may not be left out.</exception>
    public IEnumerable<T> Samples<T>(Func<Sample, T> make, CancellationToken cancellation)
        where T : class
    {
        for (int i = 0; i < data.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Read(i, make) is T made)
            {
                yield return made;
            }
        }
    }

    private T? Read<T>(int index, Func<Sample, T> make)
        where T : class
    {
        try
        {
            return make(data.Load(index));
        }
        catch (CloudsException e) when (e.Failure == Failure.BadInput)
        {
            DatasetProblem problem = DatasetProblem.Of(data.SampleName(index), e);
            if (config.Rule(problem) == BadSample.Fail)
            {
                throw;
            }

            _leftOut.Add(problem);
            return null;
        }
    }
}
