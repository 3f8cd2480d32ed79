using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;

namespace Clouds.Tests.Training.Datasets;

/// <summary>Acceptance check 16 of the method: each train id appears in every map.</summary>
[Kind(TestKind.Fast)]
public sealed class IdMapTests
{
    [Theory]
    [InlineData("cityscapes", 19)]
    [InlineData("synthia", 19)]
    [InlineData("mapillary-v1.2", 25)]
    [InlineData("train-ids", 20)]
    public void PreparedPairs_EachMap_ReachesAll19Classes(string name, int ids)
    {
        IReadOnlyDictionary<int, int> pairs = IdMap.PreparedPairs(name);

        Assert.Equal(ids, pairs.Count);
        Assert.Equal(Enumerable.Range(0, 19), pairs.Values.Where(id => id != 255).Distinct().Order());
    }

    [Fact]
    public void Apply_CityscapesIds_AreTheOfficialTrainIds()
    {
        LabelMap map = new(35, 1, [.. Enumerable.Range(0, 35).Select(id => (ushort)id)]);

        new IdMap("cityscapes", IdMap.PreparedPairs("cityscapes"), ignoreUnlisted: true).Apply(map, "made");

        int[] official = [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33];
        Assert.Equal(Enumerable.Range(0, 35).Select(id => Array.IndexOf(official, id) is int train and >= 0 ? train : 255), map.Ids.Select(id => (int)id));
    }

    [Fact]
    public void Synthia16_LeavesOutTerrainTruckAndTrain() =>
        Assert.Equal(["terrain", "truck", "train"], ClassSet.Cityscapes.Names.Where((_, id) => !ClassSet.Synthia16.Contains(id)));
}
