using System.Xml.Linq;
using Clouds.Cli.Reports;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Evaluation;

namespace Clouds.Tests.Cli.Reports;

[Kind(TestKind.Fast)]
public sealed class ConfusionChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Draw_Matrix_HasACellForEachPairWithItsShareOfTheRow()
    {
        ConfusionMatrix matrix = new(new ClassSet(["road", "<sky> & co"], [default, default]));
        matrix.Add(Row(0, 0, 0, 1, 1), Row(0, 0, 0, 0, 1));
        XElement svg = XElement.Parse(ConfusionChart.Draw(matrix));
        XElement[] cells = [.. svg.Elements(Svg + "rect")];
        Assert.Equal(
            ["road answered as road: 75.00 %, 3 pixels", "road answered as <sky> & co: 25.00 %, 1 pixels",
                "<sky> & co answered as road: 0.00 %, 0 pixels", "<sky> & co answered as <sky> & co: 100.00 %, 1 pixels"],
            cells.Select(cell => cell.Value));
        Assert.Equal(["75", "25", "100"], svg.Elements(Svg + "text").Select(text => text.Value).Where(text => text.All(char.IsDigit)));
        Assert.Contains("fill-opacity: 0.638", cells[0].Attribute("style")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_AnswersWithoutClass_HaveAColumnOfTheirOwn()
    {
        ConfusionMatrix matrix = new(new ClassSet(["road"], [default]));
        matrix.Add(Row(0, 255, 255), Row(0, 0, 255));
        Assert.Contains("road answered as no class: 50.00 %, 1 pixels", ConfusionChart.Draw(matrix), StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_ClassThatNeverOccurs_IsAnEmptyRow() =>
        Assert.DoesNotContain("NaN", ConfusionChart.Draw(new ConfusionMatrix(new ClassSet(["road"], [default]))), StringComparison.Ordinal);

    private static LabelMap Row(params ushort[] ids) => new(ids.Length, 1, ids);
}
