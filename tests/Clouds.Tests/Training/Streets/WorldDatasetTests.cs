using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;
using Clouds.Training.Streets;
using Clouds.Training.Streets.World;

namespace Clouds.Tests.Training.Streets;

[Kind(TestKind.Fast)]
public sealed class WorldDatasetTests
{
    private const string Small = "width=64&height=64";

    [Fact]
    public void Spec_AllKeys_AreRead()
    {
        WorldDatasetConfig config = WorldSpec.Parse("world:Fog?count=3&width=100&height=80&seed=7&split=test");
        Assert.Equal(("fog", 3, 100, 80, 7UL, StreetSplit.Test), (config.Style.Name, config.Count, config.Width, config.Height, config.Seed, config.Split));
    }

    [Theory]
    [InlineData("world")]
    [InlineData("world:")]
    [InlineData("world?count=5")]
    public void Spec_NoStyle_IsTheSource(string spec) => Assert.Equal(WorldGroup.Source, WorldSpec.Parse(spec).Style.Group);

    [Theory]
    [InlineData("world:wid", "did you mean 'wide'?")]
    [InlineData("world?cuont=3", "did you mean 'count'?")]
    [InlineData("world?count=0", "1 to 1000000")]
    [InlineData("world?height=32", "64 to 4096")]
    public void Spec_Mistake_IsAUsageFailureThatSaysWhatWouldDo(string spec, string expected)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => DatasetSource.Open(spec));
        Assert.Equal(Failure.Usage, failure.Failure);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("narrow")]
    [InlineData("wide")]
    [InlineData("neon")]
    public void Splits_WhateverSeeds_ShareNoScene(string style)
    {
        HashSet<string> train = [.. Contents($"world:{style}?count=12&{Small}"), .. Contents($"world:{style}?count=12&seed=2&{Small}")];
        HashSet<string> test = [.. Contents($"world:{style}?count=12&{Small}&split=test"), .. Contents($"world:{style}?count=12&seed=2&{Small}&split=test")];
        Assert.Equal((24, 24), (train.Count, test.Count));
        Assert.Empty(train.Intersect(test));
    }

    [Fact]
    public void Styles_SameSeedAndNumber_ShareNoScene()
    {
        string[] digests = [.. WorldStyle.All.SelectMany(style => Contents($"world:{style.Name}?count=4&{Small}"))];
        Assert.Equal(digests.Length, digests.Distinct().Count());
    }

    [Fact]
    public void Caption_BeforeAndAfterLoading_IsTheSame()
    {
        WorldDataset data = new(WorldSpec.Parse($"world:wide?count=3&{Small}"));
        string before = data.Caption(2);
        _ = data.LoadImage(2);
        Assert.Equal((before, before), (data.Caption(2), ((ICaptionedImages)DatasetSource.Open($"world:wide?count=3&{Small}")).Caption(2)));
    }

    [Fact]
    public void Masks_OfAScene_AreItsLargerRegions()
    {
        WorldDataset data = new(WorldSpec.Parse($"world:wide?count=3&{Small}"));
        MaskedImage masked = ((IMaskedImages)data).Load(1);
        int[] regions = data.Scene(1).Regions;
        int[] areas =
        [
            .. regions.CountBy(region => region).Where(region => region.Value > WorldDataset.SmallMask).OrderBy(region => region.Key)
                .Select(region => region.Value),
        ];
        Assert.Equal(areas, masked.Masks.Select(mask => mask.Area));
        for (int i = 0; i < regions.Length; i++)
        {
            int holders = masked.Masks.Count(mask => mask.Contains(i % 64, i / 64));
            Assert.Equal(regions.Count(region => region == regions[i]) > WorldDataset.SmallMask ? 1 : 0, holders);
        }
    }

    private static IEnumerable<string> Contents(string spec)
    {
        IDataset data = DatasetSource.Open(spec);
        return Enumerable.Range(0, data.Count).Select(i => SampleContent.Of("scene", data.LoadImage(i)).Digest);
    }
}
