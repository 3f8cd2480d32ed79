using System.Collections.Concurrent;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Streets.World;

namespace Clouds.Cli.Method;

/// <summary>The labelled scenes of a plan: those to learn from, and those of every style to be tested on.</summary>
/// <param name="plan">The plan.</param>
internal sealed class MethodScenes(MethodPlan plan)
{
    private readonly ConcurrentDictionary<string, KeptScenes> _tests = new();

    /// <summary>The labelled source.</summary>
    public IDataset Source { get; } = new KeptScenes(new WorldDataset(plan.Source()));

    /// <summary>Test scenes of a style.</summary>
    public IDataset Test(WorldStyle style) => _tests.GetOrAdd(style.Name, _ => new KeptScenes(new WorldDataset(plan.Test(style))));

    // Rendering takes as long as a small network needs to learn from a scene, and every arm sees it again and again.
    private sealed class KeptScenes(WorldDataset world) : IDataset
    {
        private readonly Lazy<Sample>[] _samples = [.. Enumerable.Range(0, world.Count).Select(i => new Lazy<Sample>(() => world.Load(i)))];

        public string Name => world.Name;

        public int Count => world.Count;

        public ClassSet Classes => world.Classes;

        public IReadOnlyList<DataFact> Facts => world.Facts;

        public RgbImage LoadImage(int index) => Load(index).Image;

        // The caller owns what it gets and may change it.
        public Sample Load(int index)
        {
            Sample kept = _samples[index].Value;
            (RgbImage image, LabelMap labels) = (kept.Image, kept.Labels);
            return kept with { Image = new(image.Width, image.Height, [.. image.Pixels]), Labels = new(labels.Width, labels.Height, [.. labels.Ids]) };
        }
    }
}
