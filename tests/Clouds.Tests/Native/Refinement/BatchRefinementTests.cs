using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Refinement;

namespace Clouds.Tests.Native.Refinement;

/// <summary>Maps of a batch, refined in the caller's memory, against the refiner that keeps a record.</summary>
[Kind(TestKind.Fast)]
public sealed class BatchRefinementTests
{
    private static readonly MaskFrame Frame = new(8, 8, 32, 32, 32, 32);

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    [InlineData(600)]
    public void Refine_MapsOfABatch_AreThoseOfTheRecordingRefiner(int from)
    {
        (int refined, int left) = (0, 0);
        for (ulong seed = (ulong)from; seed < (ulong)from + 150; seed++)
        {
            RefinementBatch batch = new(new RefinementProblem(seed));
            using PseudoLabelRefiner refiner = batch.Open(new StandInMasks(batch.Problem.Frame, seed));
            byte[] target = batch.Untouched();
            IReadOnlyList<RefinedMap> told = refiner.Refine(batch.Images, batch.Maps, target);
            batch.AssertSame(refiner, told, target);
            (refined, left) = (refined + told.Count(map => !map.IsUnrefined), left + told.Count(map => map.IsUnrefined));
        }

        Assert.InRange(refined, 50, 400);
        Assert.InRange(left, 20, 400);
    }

    [Fact]
    public void Refine_IntoTheSameMemory_GivesTheSame()
    {
        RefinementBatch batch = new(new RefinementProblem(3) { Options = new RefinementOptions { SizeThreshold = 2, Points = 2 } });
        using PseudoLabelRefiner refiner = batch.Open(new StandInMasks(batch.Problem.Frame));
        byte[] elsewhere = [.. batch.Maps];
        byte[] inPlace = [.. batch.Maps];
        refiner.Refine(batch.Images, batch.Maps, elsewhere);
        refiner.Refine(batch.Images, inPlace, inPlace);
        Assert.Equal(elsewhere, inPlace);
        Assert.NotEqual(batch.Maps, inPlace);
    }

    [Theory]
    [InlineData(false, new[] { 0, 18 })]
    [InlineData(true, new int[0])]
    public void Refine_MasksWithoutAPixel_LeaveTheirClassesAsTargetsOrOut(bool dropEmpty, int[] classes)
    {
        byte[] map = [.. Enumerable.Range(0, 400).Select(pixel => (byte)(pixel % 20 < 10 ? 0 : 18))];
        using PseudoLabelRefiner refiner = new(
            new StandInMasks(Frame) { IsEmpty = true }, new RefinementOptions { SizeThreshold = 0, DropEmpty = dropEmpty });
        RefinedMap told = Assert.Single(refiner.Refine([new BatchImage(new RgbImage(20, 20), 0, default)], map, map));
        Assert.Equal(classes, told.Classes);
        Assert.Equal((false, 2), (told.IsUnrefined, told.Prompts));
        Assert.All(map, label => Assert.Equal(255, label));
    }

    [Theory]
    [InlineData(5, 4, 0)]
    [InlineData(4, 5, 2)]
    [InlineData(4, 5, -1)]
    public void Refine_ImageThatDoesNotFitTheMaps_IsRefusedBeforeAnyMapChanges(int width, int height, int place)
    {
        using PseudoLabelRefiner refiner = new(new StandInMasks(Frame), new RefinementOptions { SizeThreshold = 0, Points = 1 });
        byte[] maps = new byte[2 * 4 * 5];
        byte[] target = [.. Enumerable.Repeat((byte)77, maps.Length)];
        BatchImage[] images = [new(new RgbImage(4, 5), 0, default), new(new RgbImage(width, height), place, default)];
        CloudsException failure = Assert.Throws<CloudsException>(() => refiner.Refine(images, maps, target));
        Assert.Equal((Failure.BadInput, $"image of place {place}"), (failure.Failure, failure.Where));
        Assert.All(target, label => Assert.Equal(77, label));
    }

    [Fact]
    public void Refine_MapsOnAGpuWithMasksOfTheProcessor_AreRefused()
    {
        using PseudoLabelRefiner refiner = new(new StandInMasks(Frame));
        GpuLabelMaps maps = new(1 << 20, 1, 4, 4);
        CloudsException failure = Assert.Throws<CloudsException>(() => refiner.Refine([new BatchImage(new RgbImage(4, 4), 0, default)], maps, maps));
        Assert.Equal(Failure.Usage, failure.Failure);
    }

    [Fact]
    public void Refine_NoImages_GivesNothing()
    {
        using PseudoLabelRefiner refiner = new(new StandInMasks(Frame));
        byte[] maps = [1, 2, 3];
        Assert.Empty(refiner.Refine([], maps, maps));
        Assert.Equal([1, 2, 3], maps);
    }

    [Fact]
    public void Refine_Disposed_IsRefused()
    {
        PseudoLabelRefiner refiner = new(new StandInMasks(Frame));
        refiner.Dispose();
        Assert.Throws<ObjectDisposedException>(() => refiner.Refine([new BatchImage(new RgbImage(1, 1), 0, default)], new byte[1], new byte[1]));
    }
}
