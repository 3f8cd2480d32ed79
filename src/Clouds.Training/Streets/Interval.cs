using Clouds.Graph.Randomness;

namespace Clouds.Training.Streets;

/// <summary>A range to draw from uniformly.</summary>
/// <param name="Low">Smallest value.</param>
/// <param name="High">Largest value, at least <paramref name="Low"/>.</param>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>Draws one value.</summary>
    internal double Draw(RandomStream random) => random.NextDouble(Low, High);

    /// <summary>Draws one whole number, both ends included.</summary>
    internal int DrawWhole(RandomStream random) => (int)Low + random.NextInt32((int)High - (int)Low + 1);
}
