using Clouds.Graph.Randomness;

namespace Clouds.Native.Refinement;

/// <summary>
/// What the points of an image are a function of, together with their component: the same three numbers give the same points, in any order of the images
/// and on any device.
/// </summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Step">Step of a training, or 0.</param>
/// <param name="Image">Number of the image within the step.</param>
public readonly record struct PointSeed(ulong Seed, long Step = 0, int Image = 0)
{
    private const string Purpose = "points of components";

    /// <summary>Key of the generator.</summary>
    internal ulong Key
    {
        get
        {
            RandomStream stream = new(Seed, Purpose, Step, Image);
            return stream.NextUInt32() | ((ulong)stream.NextUInt32() << 32);
        }
    }
}
