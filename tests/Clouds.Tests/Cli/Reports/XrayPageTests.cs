using System.Xml;
using System.Xml.Linq;
using Clouds.Cli.Reports;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Native.Segmentation;
using Clouds.Tests.Native.Refinement;

namespace Clouds.Tests.Cli.Reports;

[Kind(TestKind.Fast)]
public sealed class XrayPageTests
{
    private static readonly MaskFrame Frame = new(16, 16, 64, 64, 64, 64);

    [Fact]
    public void Make_RefinedImage_LinksEveryComponentAndItsPlaceBothWays()
    {
        (XDocument page, RefinementResult result) = Page(new RefinementOptions { SizeThreshold = 30 });
        HashSet<string> ids = [.. page.Descendants().Attributes("id").Select(id => id.Value)];
        string[] links = [.. page.Descendants("a").Attributes("href").Select(link => link.Value)];
        int[] kept = [.. result.Components.Where(component => component.Fate != ComponentFate.TooSmall).Select(component => component.Number)];
        Assert.True(kept.Length > 3);
        Assert.All(kept, number => Assert.Contains($"c{number}", ids));
        Assert.All(kept, number => Assert.Contains($"p{number}", ids));
        Assert.All(kept, number => Assert.Contains($"#c{number}", links));
        Assert.All(kept, number => Assert.Contains($"#p{number}", links));
        Assert.All(links, link => Assert.Contains(link[1..], ids));
        Assert.Equal(ids.Count, page.Descendants().Attributes("id").Count());
    }

    [Fact]
    public void Make_AnyImage_HoldsItsPicturesAndFetchesNothing()
    {
        (XDocument page, RefinementResult result) = Page(new RefinementOptions { SizeThreshold = 30 });
        string[] sources = [.. page.Descendants().Attributes("src").Select(source => source.Value)];
        Assert.All(sources, source =>
        {
            Assert.StartsWith("data:image/png;base64,", source, StringComparison.Ordinal);
            Assert.True(ImageFile.Decode(Convert.FromBase64String(source[22..])).Width > 0);
        });
        Assert.Equal(5 + (2 * 5) + (4 * result.Components.Count(component => component.Chosen >= 0)), sources.Length);
        Assert.DoesNotContain(page.Descendants(), element => element.Name.LocalName is "script" or "link" or "iframe");
        Assert.DoesNotContain("url(", page.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Make_Components_TellAreaPointsScoresTheChosenOneAndConflicts()
    {
        (XDocument page, RefinementResult result) = Page(new RefinementOptions { SizeThreshold = 30 });
        foreach (RefinedComponent component in result.Components.Where(component => component.Chosen >= 0))
        {
            XElement card = page.Descendants("article").Single(article => article.Attribute("id")!.Value == $"c{component.Number}");
            Assert.Contains($"{component.Area} px", card.Value, StringComparison.Ordinal);
            Assert.Equal(5, card.Descendants("circle").Count());
            Assert.Equal(component.Scores.Select(score => score.ToString("0.000")), card.Descendants("i").Select(score => score.Value));
            XElement chosen = Assert.Single(card.Descendants("i"), score => score.Attribute("class")?.Value == "chosen");
            Assert.Equal(component.Scores[component.Chosen].ToString("0.000"), chosen.Value);
            Assert.Equal(component.Conflicts > 0, card.Value.Contains("in conflict", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Make_NothingPrompted_SaysSoAndWhatWasDropped()
    {
        (XDocument page, RefinementResult result) = Page(new RefinementOptions());
        Assert.True(result.IsUnrefined);
        Assert.Contains("the map is as it was", page.Root!.Value, StringComparison.Ordinal);
        Assert.Contains($"{result.Components.Count} components dropped", page.Root.Value, StringComparison.Ordinal);
        Assert.Empty(page.Descendants("article"));
    }

    [Fact]
    public void Make_TitleWithMarkup_IsTextOnly()
        => Assert.Contains("<b>&", Page(new RefinementOptions(), "a<b>&.png").Page.Descendants("title").Single().Value, StringComparison.Ordinal);

    [Fact]
    public void Make_TitleWithControlCharacters_IsAPageWithoutThem()
        => Assert.StartsWith("ab.png", Page(new RefinementOptions(), "a\u0001b.png").Page.Descendants("title").Single().Value, StringComparison.Ordinal);

    private static (XDocument Page, RefinementResult Result) Page(RefinementOptions options, string title = "street.png")
    {
        LabelMap map = new(60, 40, [.. Enumerable.Range(0, 2400).Select(i => (ushort)(i % 60 == 0 ? 255 : (i % 60 / 15) + (i % 7 == 0 && i > 2000 ? 1 : 0)))]);
        RgbImage image = Pictures.Gradient(60, 40);
        using PseudoLabelRefiner refiner = new(new StandInMasks(Frame), options);
        RefinementResult result = refiner.Refine(image, map, new PointSeed(5), keepMasks: true);
        string html = XrayPage.Make(new XrayScene(title, image, map, result, options, ClassSet.Cityscapes));
        using XmlReader reader = XmlReader.Create(new StringReader(html), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return (XDocument.Load(reader), result);
    }
}
