using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Training.SelfTraining;
using Clouds.Training.SourceTraining;

namespace Clouds.Tests.Training.SelfTraining;

[Kind(TestKind.Fast)]
public sealed class MixedTargetsTests
{
    private const ushort Ignore = LabelMap.Ignore;

    private static readonly LabelMap Pasted = new(4, 1, [7, Ignore, Ignore, 7]);

    [Fact]
    public void Of_Map_HasTheTruthWhereItIsPastedAndForgetsWhatItCovers()
    {
        ImageTargets mixed = MixedTargets.Of(new ImageTargets(new LabelMap(4, 1, [1, 2, Ignore, 2])) { FurtherClasses = [1, 2, 3] }, Pasted);
        Assert.Equal([7, 2, Ignore, 7], mixed.Labels.Ids);

        // Refinement had left no pixel to class 3, which is a target all the same; class 1 is hidden.
        Assert.Equal([3], mixed.FurtherClasses);
        Assert.Null(mixed.Overlapping);
    }

    [Fact]
    public void Of_OverlappingMasks_LiesAboveThoseThatAreStillSeen()
    {
        ClassMask[] masks = [Mask(1, 0b1001), Mask(2, 0b0011), Mask(3, 0)];
        ImageTargets mixed = MixedTargets.Of(new ImageTargets(new LabelMap(4, 1)) { Overlapping = masks }, Pasted);
        Assert.Equal([2, 3], mixed.Overlapping!.Select(mask => mask.Class));
        Assert.Same(Pasted, mixed.Above);
    }

    private static ClassMask Mask(int id, uint pixels) => new(id, PixelMask.Of([pixels], 4, 1));
}
