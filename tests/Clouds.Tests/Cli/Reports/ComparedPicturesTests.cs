using Clouds.Cli.Reports;
using Clouds.Native.Images;

namespace Clouds.Tests.Cli.Reports;

[Kind(TestKind.Fast)]
public sealed class ComparedPicturesTests
{
    [Fact]
    public void Verdict_Pixels_SayWhoIsRight() => Assert.Equal(
        new ushort[] { 0, 1, 2, 3, 3, 4 },
        ComparedPictures.Verdict(Row(5, 5, 5, 5, 5, 255), Row(5, 5, 1, 1, 255, 5), Row(5, 1, 5, 1, 2, 255)).Ids);

    private static LabelMap Row(params ushort[] ids) => new(ids.Length, 1, ids);
}
