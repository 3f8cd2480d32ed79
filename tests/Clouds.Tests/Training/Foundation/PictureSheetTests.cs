using Clouds.Native.Images;
using Clouds.Training.Foundation;

namespace Clouds.Tests.Training.Foundation;

[Kind(TestKind.Fast)]
public sealed class PictureSheetTests
{
    [Fact]
    public void Draw_PicturesOfSeveralSizes_LieInRowsAndColumnsWithWhiteBetween()
    {
        RgbImage sheet = new PictureSheet(["a", "b"], [new("", [Black(5, 3), Black(2, 2)]), new("", [Black(4, 6), Black(7, 1)])]).Draw();
        Assert.Equal((5 + 4 + 7, 3 + 4 + 6), (sheet.Width, sheet.Height));
        string[] rows = [.. Enumerable.Range(0, sheet.Height).Select(y => string.Concat(Enumerable.Range(0, sheet.Width).Select(x => At(sheet, x, y))))];
        Assert.Equal(["#####....##.....", "#####....##.....", "#####..........."], rows[..3]);
        Assert.All(rows[3..7], row => Assert.Equal("................", row));
        Assert.Equal(["####.....#######", "####............"], rows[7..9]);
    }

    [Fact]
    public void Small_LargePicture_KeepsItsForm()
    {
        RgbImage small = PictureSheet.Small(Black(2048, 1024));
        Assert.Equal((512, 256), (small.Width, small.Height));
        RgbImage own = Black(192, 128);
        Assert.Same(own, PictureSheet.Small(own));
    }

    private static RgbImage Black(int width, int height) => new(width, height);

    private static char At(RgbImage image, int x, int y) => image.Pixels[3 * ((y * image.Width) + x)] == 0 ? '#' : '.';
}
