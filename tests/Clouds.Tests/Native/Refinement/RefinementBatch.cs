using Clouds.Native.Images;
using Clouds.Native.Refinement;

namespace Clouds.Tests.Native.Refinement;

/// <summary>A problem's map, one without labels, one that nobody asks for, and the first one backwards, one behind the other.</summary>
internal sealed class RefinementBatch(RefinementProblem problem)
{
    public const byte Mark = 201;

    private const int Spared = 2;

    public RefinementProblem Problem => problem;

    public int Count => 4;

    public byte[] Maps { get; } =
        [.. problem.Map, .. problem.Map.Select(_ => (byte)255), .. problem.Map, .. problem.Map.Reverse()];

    public IReadOnlyList<BatchImage> Images { get; } =
        [.. new[] { 3, 0, 1 }.Select(place => new BatchImage(problem.Image, place, problem.Seed with { Image = place }))];

    public PseudoLabelRefiner Open(IMaskPredictor masks) => new(masks, problem.Options, threads: 2);

    /// <summary>Memory for the result that shows what was written.</summary>
    public byte[] Untouched() => [.. Enumerable.Repeat(Mark, Maps.Length)];

    /// <summary>Holds maps and what was told of them against the refiner that keeps a record.</summary>
    public void AssertSame(PseudoLabelRefiner refiner, IReadOnlyList<RefinedMap> told, byte[] refined)
    {
        Assert.Equal(Images.Select(image => image.Place), told.Select(map => map.Place));
        byte[][] planes = [.. refined.Chunk(problem.Map.Length)];
        Assert.All(planes[Spared], label => Assert.Equal(Mark, label));
        byte[][] given = [.. Maps.Chunk(problem.Map.Length)];
        foreach ((BatchImage image, RefinedMap map) in Images.Zip(told))
        {
            LabelMap labels = new(problem.Width, problem.Height, Array.ConvertAll(given[image.Place], id => (ushort)id));
            RefinementResult want = refiner.Refine(image.Image, labels, image.Seed);
            Assert.Equal(want.Map.Ids, planes[image.Place].Select(label => (ushort)label));
            Assert.Equal((want.IsUnrefined, want.Components.Count(component => component.Fate == ComponentFate.Prompted)), (map.IsUnrefined, map.Prompts));
            Assert.Equal(want.Classes.Select(target => target.Class), map.Classes);
        }
    }
}
