using System.Xml.Linq;
using Clouds.Cli.Reports;
using Clouds.Diagnostics;
using Clouds.Tests.Graph.Weights;

namespace Clouds.Tests.Cli.Reports;

[Kind(TestKind.Fast)]
public class HtmlReportTests
{
    // The smallest part of a PNG file that a report looks at.
    private static readonly byte[] Png = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    [Fact]
    public void ToHtml_EverythingAtOnce_IsWellFormedAndSelfContained()
    {
        string html = Full().ToHtml();
        XDocument page = XDocument.Parse(html);
        Assert.Equal("html", page.Root!.Name.LocalName);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", html, StringComparison.Ordinal);
        Assert.All(page.Descendants("img"), image => Assert.StartsWith("data:image/png;base64,", image.Attribute("src")!.Value, StringComparison.Ordinal));
        Assert.Contains("prefers-color-scheme: dark", html, StringComparison.Ordinal);
    }

    [Fact]
    public void ToHtml_HostileText_IsEscaped()
    {
        string html = new HtmlReport("<b>&\"").AddText("a < b\u0001").AddTable(["<i>"], [["</table>"]]).ToHtml();
        Assert.NotNull(XDocument.Parse(html));
        Assert.DoesNotContain("<b>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void AddChart_Series_HaveLinesLegendAndAxes()
    {
        XDocument page = XDocument.Parse(Full().ToHtml());
        XElement svg = page.Descendants().First(element => element.Name.LocalName == "svg");
        Assert.Equal(2, svg.Elements().Count(element => element.Name.LocalName == "path"
            && element.Attribute("class")!.Value.StartsWith("line", StringComparison.Ordinal)));
        string text = string.Join('|', svg.Elements().Where(element => element.Name.LocalName == "text").Select(element => element.Value));
        Assert.All((string[])["loss", "mIoU", "step", "value"], word => Assert.Contains(word, text, StringComparison.Ordinal));
    }

    [Fact]
    public void AddChart_GapsSinglePointsAndNothing_AreDrawn()
    {
        HtmlReport report = new HtmlReport("x")
            .AddChart(new Chart("gap", "x", "y", [new ChartSeries("a", [(0, 1), (1, double.NaN), (2, 3)])]))
            .AddChart(new Chart("one", "x", "y", [new ChartSeries("a", [(5, 5)])]))
            .AddChart(new Chart("none", "x", "y", []))
            .AddChart(new Chart("log", "x", "y", [new ChartSeries("a", [(0, 0), (1, 1e-4), (2, 1e-2)])], LogarithmicY: true));
        string html = report.ToHtml();
        Assert.NotNull(XDocument.Parse(html));
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Infinity", html, StringComparison.Ordinal);
    }

    [Fact]
    public void AddChart_MoreDotsThanColours_HaveTheLegendsNumbers()
    {
        ChartSeries[] dots = [.. Enumerable.Range(0, 12).Select(i => new ChartSeries($"kernel with quite a long name {i}", [(i, 1 + i)]))];
        XDocument page = XDocument.Parse(new HtmlReport("x").AddChart(new Chart("dots", "x", "y", dots)).ToHtml());
        string[] texts = [.. page.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];
        Assert.Equal(24, page.Descendants().Count(element => element.Name.LocalName == "circle"));
        Assert.Contains("11", texts);
        Assert.Contains("11 kernel with quite a long name 11", texts);
    }

    [Fact]
    public void AddImageRow_SomethingElseThanPng_IsRefused() =>
        Assert.Equal(Failure.BadInput, Assert.Throws<CloudsException>(() => new HtmlReport("x").AddImageRow(new ReportImage(new byte[20], "caption"))).Failure);

    [Fact]
    public void Save_UnderAFileInsteadOfAFolder_IsAnOutputFailure()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["none"], "");
        Assert.Equal(Failure.Output, Assert.Throws<CloudsException>(() => new HtmlReport("x").Save(Path.Combine(folder.Path, "none", "x.html"))).Failure);
        Full().Save(folder["new/x.html"]);
        Assert.True(File.Exists(folder["new/x.html"]));
    }

    [Theory]
    [InlineData(0, 1, 5, new[] { 0, 0.2, 0.4, 0.6, 0.8, 1 })]
    [InlineData(0, 1500, 8, new[] { 0.0, 200, 400, 600, 800, 1000, 1200, 1400 })]
    [InlineData(0.05, 0.31, 3, new[] { 0.1, 0.2, 0.3 })]
    public void Linear_Ticks_AreRoundAndInside(double low, double high, int wanted, double[] ticks) => Assert.Equal(ticks, AxisTicks.Linear(low, high, wanted));

    [Theory]
    [InlineData(12.4, 57.4, new double[] { 20, 50 })]
    [InlineData(0.3, 1.5, new double[] { 0.5, 1 })]
    [InlineData(1, 10_000, new double[] { 1, 10, 100, 1000, 10_000 })]
    [InlineData(3.1, 4.2, new double[] { 3.1, 4.2 })]
    public void Powers_Ticks_AreRoundAndInside(double low, double high, double[] ticks) =>
        Assert.Equal(ticks, AxisTicks.Powers(Math.Log10(low), Math.Log10(high)).Select(tick => Math.Round(Math.Pow(10, tick), 6)));

    private static HtmlReport Full() => new HtmlReport("Demo")
        .AddHeading("Curves")
        .AddText("What was trained.")
        .AddTable(["style", "mIoU"], [["day", "0.81"], ["night", "0.44"]])
        .AddChart(new Chart(
            "Training", "step", "value", [new ChartSeries("loss", [(0, 9.5), (50, 4), (100, 2)]), new ChartSeries("mIoU", [(0, 0.1), (100, 0.6)])]))
        .AddImageRow(new ReportImage(Png, "input"), new ReportImage(Png, "overlay"));
}
