using Clouds.Diagnostics;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;

namespace Clouds.Tests.Training.Datasets;

[Kind(TestKind.Fast)]
public sealed class SpecQueryTests
{
    [Theory]
    [InlineData("streets:night?count=2&width=64&count=3", "count", "'2' and '3'")]
    [InlineData("streets?split=test&split=test", "split", "'test' and 'test'")]
    [InlineData("cityscapes:nowhere?split=train&first=3&split=val", "split", "'train' and 'val'")]
    [InlineData("gta5:nowhere?first=&first=2", "first", "'' and '2'")]
    public void Open_KeyThatIsThereTwice_IsNamedWithItsValues(string spec, string key, string values)
    {
        CloudsException refused = Assert.Throws<CloudsException>(() => DatasetSource.Open(spec));
        Assert.Equal((Failure.Usage, spec, values), (refused.Failure, refused.Where, refused.Found));
        Assert.Equal($"the data set's text has the key '{key}' more than once", refused.What);
    }

    [Fact]
    public void Of_Pairs_AreInTheirOrderAndAMissingValueIsEmpty() =>
        Assert.Equal([("b", "1=2"), ("a", ""), ("c", "")], SpecQuery.Of("set:folder?b=1=2&a&&c="));
}
