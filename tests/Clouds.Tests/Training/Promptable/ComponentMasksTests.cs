using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Kernels;
using Clouds.Training.Datasets;
using Clouds.Training.Promptable;
using Clouds.Training.Streets;
using Clouds.Training.Streets.World;

namespace Clouds.Tests.Training.Promptable;

[Kind(TestKind.Fast)]
public sealed class ComponentMasksTests
{
    [Fact]
    public void Load_LabelMap_GivesAMaskForEachComponentThatIsLargeEnough()
    {
        // Two boxes of class 1, which touch at a corner, one of class 2, a single pixel of class 3, and the rest without a label.
        LabelMap map = new(8, 4, [.. Enumerable.Range(0, 32).Select(i => (ushort)((i % 8, i / 8) switch
        {
            ( < 2, < 2) or (2 or 3, 2 or 3) => 1, ( > 5, _) => 2, (4, 0) => 3, _ => 255,
        }))]);
        MaskedImage image = new ComponentMasks(new OneMap(map), new ComponentRule(LargerThan: 1)).Load(0);
        Assert.Equal([(0, 0, 4), (2, 2, 4), (6, 0, 8)], image.Masks.Select(mask => (mask.X, mask.Y, mask.Area)));
        Assert.Equal([(6, 0), (7, 0), (6, 1)], Enumerable.Range(0, 3).Select(image.Masks[2].PixelAt));
        Assert.True(image.Masks[1].Contains(3, 3));
        Assert.False(image.Masks[1].Contains(1, 1));
    }

    [Fact]
    public void Load_Street_GivesMasksOfItsLabels()
    {
        StreetDataset streets = new(new StreetDatasetConfig { Count = 1, Width = 96, Height = 64 });
        ComponentMasks masks = new(streets);
        MaskedImage image = masks.Load(0);
        LabelMap labels = streets.Load(0).Labels;
        Assert.InRange(image.Masks.Count, 3, 200);
        Assert.All(image.Masks, mask =>
        {
            Assert.True(mask.Area > 16);
            Assert.Single(Enumerable.Range(0, mask.Area).Select(mask.PixelAt).Select(pixel => labels.Ids[(pixel.Y * 96) + pixel.X]).Distinct());
        });
    }

    [Fact]
    public void Of_ASetWithMasksOfItsOwn_TakesThese()
    {
        WorldDataset world = new(new WorldDatasetConfig { Count = 1, Width = 64, Height = 64 });
        Assert.Same(world, ComponentMasks.Of(world));
        Assert.Equal("000000", ComponentMasks.Of(world).SampleName(0));
        Assert.IsType<ComponentMasks>(ComponentMasks.Of(new StreetDataset(new StreetDatasetConfig { Count = 1, Width = 64, Height = 64 })));
    }

    [Theory]
    [InlineData(2, new[] { true, false, true })]
    [InlineData(2, new[] { false, false })]
    [InlineData(0, new bool[0])]
    public void Mask_OfNoWholeRowsOrNoPixel_IsRefused(int width, bool[] inside) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageMask(0, 0, width, inside));

    private sealed class OneMap(LabelMap map) : IDataset
    {
        public string Name => "one map";

        public int Count => 1;

        public ClassSet Classes => ClassSet.Cityscapes;

        public RgbImage LoadImage(int index) => new(map.Width, map.Height);

        public Sample Load(int index) => new(LoadImage(index), map, "map");
    }
}
