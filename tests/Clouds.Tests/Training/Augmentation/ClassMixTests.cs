using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Training.Augmentation;

namespace Clouds.Tests.Training.Augmentation;

[Kind(TestKind.Fast)]
public sealed class ClassMixTests
{
    private const ushort Ignore = LabelMap.Ignore;

    [Theory]
    [InlineData(new ushort[] { 7, 7, 7, 7 }, 1)]
    [InlineData(new ushort[] { 0, 3, 0, 3 }, 1)]
    [InlineData(new ushort[] { 0, 3, 18, 3 }, 2)]
    [InlineData(new ushort[] { 0, 3, 18, 5 }, 2)]
    [InlineData(new ushort[] { 0, Ignore, 18, Ignore }, 1)]
    [InlineData(new ushort[] { Ignore, Ignore, Ignore, Ignore }, 0)]
    public void Choose_Classes_TakesEveryPixelOfHalfOfThemRoundedUp(ushort[] ids, int classes)
    {
        for (int draw = 0; draw < 20; draw++)
        {
            ushort[] chosen = ClassMix.Choose(new LabelMap(2, 2, ids), 2, 2, new RandomStream(1, "mix", draw)).Ids;
            ushort[] taken = [.. chosen.Where(id => id != Ignore).Distinct()];
            Assert.Equal(classes, taken.Length);
            Assert.Equal(ids.Select(id => taken.Contains(id) ? id : Ignore), chosen);
        }
    }

    [Fact]
    public void Choose_ManyDraws_TakesEveryClassHalfOfTheTime()
    {
        LabelMap labels = new(4, 1, [2, 4, 6, 8]);
        ushort[] taken = [.. Enumerable.Range(0, 400).SelectMany(draw => ClassMix.Choose(labels, 4, 1, new RandomStream(1, "mix", draw)).Ids)];
        Assert.All(labels.Ids, id => Assert.InRange(taken.Count(one => one == id), 160, 240));
    }

    // A generated image that is smaller than the crop stands at its upper left.
    [Fact]
    public void Choose_Window_LooksAtItsPixelsAlone()
    {
        LabelMap labels = new(3, 2, [1, 2, 3, 2, 1, 3]);
        for (int draw = 0; draw < 20; draw++)
        {
            ushort[] chosen = ClassMix.Choose(labels, 2, 1, new RandomStream(1, "mix", draw)).Ids;
            Assert.Contains(chosen, new[] { new ushort[] { 1, Ignore, Ignore, Ignore, Ignore, Ignore }, [Ignore, 2, Ignore, Ignore, Ignore, Ignore] });
        }
    }

    [Fact]
    public void Paste_ImagesOfThreeSizes_TakesThePixelsAtTheirPlaces()
    {
        LabelMap chosen = new(3, 2, [Ignore, 5, Ignore, 5, Ignore, Ignore]);
        RgbImage source = new(3, 2, [.. Enumerable.Range(0, 18).Select(i => (byte)(100 + i))]);
        RgbImage mixed = ClassMix.Paste(source, chosen, new RgbImage(2, 2));
        Assert.Equal((2, 2), (mixed.Width, mixed.Height));
        Assert.Equal([0, 0, 0, 103, 104, 105, 109, 110, 111, 0, 0, 0], mixed.Pixels);
    }

    [Fact]
    public void Paste_Labels_TakesTheChosenOnesAndElseThoseBelow() =>
        Assert.Equal([9, 5, Ignore, 0], ClassMix.Paste(new LabelMap(4, 1, [Ignore, 5, Ignore, 0]), new LabelMap(4, 1, [9, 9, Ignore, Ignore])).Ids);
}
