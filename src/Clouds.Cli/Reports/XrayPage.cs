using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Training.Evaluation;

namespace Clouds.Cli.Reports;

/// <summary>
/// The paper's figure 4 as it happened to one image: a page that stands alone, without scripts. Every component is a card, linked both ways with its
/// place in the pictures; pictures are embedded, marks on them are SVG.
/// </summary>
internal sealed class XrayPage
{
    private const int MostCards = 200;
    private const int MostDropped = 100;

    private readonly XrayScene _scene;
    private readonly XrayPictures _pictures;
    private readonly StringBuilder _page = new();
    private readonly RefinedComponent[] _shown;

    private XrayPage(XrayScene scene)
    {
        (_scene, _pictures) = (scene, new XrayPictures(scene));
        HashSet<int> largest = [.. scene.Kept.OrderByDescending(component => component.Area).Take(MostCards).Select(component => component.Number)];
        _shown = [.. scene.Kept.Where(component => largest.Contains(component.Number))];
    }

    /// <summary>The page as text.</summary>
    public static string Make(XrayScene scene)
    {
        XrayPage page = new(scene);
        page.AddHead();
        page.AddSteps();
        page.AddClasses();
        page.AddCards();
        page.AddDropped();
        return page._page.Append("</body>\n</html>\n").ToString();
    }

    /// <summary>The five pictures of a page that <see cref="Make"/> made, from the image to the refined map, with what stands below them.</summary>
    /// <exception cref="XmlException">It is something else.</exception>
    public static IReadOnlyList<ReportImage> Steps(string page)
    {
        using XmlReader reader = XmlReader.Create(new StringReader(page), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        XElement? steps = XDocument.Load(reader).Descendants("div").FirstOrDefault(div => div.Attribute("class")?.Value == "steps");
        return [.. (steps ?? throw new XmlException("no pictures of a refinement")).Elements("figure").Select(figure =>
            new ReportImage(HtmlPage.Picture(figure.Descendants("img").First().Attribute("src")!.Value), figure.Element("figcaption")!.Value))];
    }

    private void AddHead()
    {
        RefinementResult result = _scene.Result;
        int masks = _scene.Kept.Count(component => component.Chosen >= 0);
        string story = result.IsUnrefined ? "no component could be prompted: the map is as it was"
            : $"{masks} masks, {Percent.Text(Share(result.Conflicts))} % of the pixels lost to conflicts";
        _page.Append(HtmlPage.Head($"{_scene.Title}: x-ray of a refinement", XrayStyle.Sheet))
            .Append($"<h1>{HtmlPage.Escape(_scene.Title)} <small>{_scene.Image.Width} x {_scene.Image.Height}; {_scene.Kept.Count} components above ")
            .Append($"{_scene.Options.SizeThreshold} pixels, {_scene.Dropped.Count} dropped; {_scene.Options.Points} points each; {story}; ")
            .Append($"without a label: {Unlabelled(_scene.Before)} % before, {Unlabelled(result.Map)} % after</small></h1>\n");
    }

    private void AddSteps()
    {
        _page.Append("<div class=\"steps\">\n");
        AddFigure(_pictures.Photograph(), "1. image", "");
        AddFigure(_pictures.Prediction(), "2. prediction", "");
        AddFigure(_pictures.Components(), "3. components kept (coloured) and dropped (black), points", Marks(anchors: true, points: true));
        AddFigure(_pictures.Masks(), "4. masks of Segment Anything, conflicts red", Marks(anchors: false, points: false));
        AddFigure(_pictures.Refined(), "5. refined; black: no label", "");
        _page.Append("</div>\n");
    }

    private void AddClasses()
    {
        _page.Append("<h2>Class masks, before and after</h2>\n<div class=\"classes\">\n");
        Dictionary<int, int> after = _scene.Result.Map.Ids.GroupBy(id => (int)id).ToDictionary(group => group.Key, group => group.Count());
        foreach (IGrouping<ushort, ushort> before in _scene.Before.Ids.Where(id => id != LabelMap.Ignore).GroupBy(id => id).OrderBy(group => group.Key))
        {
            string shares = $"{Percent.Text(Share(before.Count()))} → {Percent.Text(Share(after.GetValueOrDefault(before.Key)))} %";
            _page.Append($"<figure><div class=\"pair\">{Picture(_pictures.ClassBefore(before.Key), "before", "")}")
                .Append($"{Picture(_pictures.ClassAfter(before.Key), "after", "")}</div>")
                .Append($"<figcaption>{Swatch(before.Key)} {HtmlPage.Escape(_scene.NameOf(before.Key))} {shares}</figcaption></figure>\n");
        }

        _page.Append("</div>\n");
    }

    private void AddCards()
    {
        string more = _shown.Length < _scene.Kept.Count ? $": the largest {_shown.Length} of {_scene.Kept.Count}" : "";
        _page.Append($"<h2>Components{more}</h2>\n<div class=\"cards\">\n");
        foreach (RefinedComponent component in _shown)
        {
            PixelWindow window = _pictures.Window(component);
            _page.Append($"<article class=\"card\" id=\"c{component.Number}\"><b>{Swatch(component.Class)} ")
                .Append($"<a href=\"#p{component.Number}\" title=\"its place in the picture\">{component.Number}</a> ")
                .Append($"{HtmlPage.Escape(_scene.NameOf(component.Class))}</b> ")
                .Append($"<span class=\"soft\">{component.Area} px</span>\n<a class=\"pair\" href=\"#p{component.Number}\">")
                .Append(Picture(_pictures.Component(component, window), $"component {component.Number}", Points(component, window)))
                .Append(string.Concat(component.Masks.Select((_, i) => Mask(component, i, window))))
                .Append($"</a>\n{Story(component)}</article>\n");
        }

        _page.Append("</div>\n");
    }

    private string Mask(RefinedComponent component, int candidate, PixelWindow window)
    {
        string score = component.Scores[candidate].ToString("0.000", CultureInfo.InvariantCulture);
        string chosen = candidate == component.Chosen ? " class=\"chosen\"" : "";
        return Picture(_pictures.Mask(component, candidate, window), $"mask {candidate + 1} of component {component.Number}", $"<i{chosen}>{score}</i>");
    }

    private void AddDropped()
    {
        if (_scene.Dropped.Count == 0)
        {
            return;
        }

        _page.Append($"<details><summary>{_scene.Dropped.Count} components dropped: {_scene.Options.SizeThreshold} pixels or fewer</summary>\n<table>\n")
            .Append("<thead><tr><th>class</th><th>pixels</th><th>x</th><th>y</th></tr></thead>\n<tbody>\n");
        foreach (RefinedComponent component in _scene.Dropped.OrderByDescending(component => component.Area).Take(MostDropped))
        {
            _page.Append($"<tr><td>{Swatch(component.Class)} {HtmlPage.Escape(_scene.NameOf(component.Class))}</td><td>{component.Area}</td>")
                .Append($"<td>{component.X}</td><td>{component.Y}</td></tr>\n");
        }

        _page.Append("</tbody></table></details>\n");
    }

    private string Story(RefinedComponent component)
    {
        if (component.Chosen < 0)
        {
            return $"<p class=\"lost\">no mask: fewer than {_scene.Options.Points} of its pixels may carry points</p>";
        }

        string moved = component.MaskClass == component.Class
            ? ""
            : $" <span class=\"lost\">went to {HtmlPage.Escape(_scene.NameOf(component.MaskClass))}</span>";
        string lost = component.Conflicts == 0 ? "" : $", <span class=\"lost\">{component.Conflicts} in conflict</span>";
        return $"<p>mask {component.MaskArea} px{lost}{moved}</p>";
    }

    private void AddFigure(byte[] png, string caption, string marks)
        => _page.Append($"<figure><div class=\"frame\"><img alt=\"{HtmlPage.Escape(caption)}\" src=\"{HtmlPage.Source(png)}\"/>{marks}</div>")
            .Append($"<figcaption>{HtmlPage.Escape(caption)}</figcaption></figure>\n");

    private string Marks(bool anchors, bool points)
    {
        double unit = Math.Max(_scene.Image.Width, _scene.Image.Height) / 400.0;
        StringBuilder svg = new(FormattableString.Invariant($"<svg viewBox=\"0 0 {_scene.Image.Width} {_scene.Image.Height}\">"));
        foreach (RefinedComponent component in _shown.OrderByDescending(component => component.Area))
        {
            string id = anchors ? $" id=\"p{component.Number}\"" : "";
            (double x, double y) = component.Points.Count > 0
                ? (component.Points.Average(point => point.X), component.Points.Average(point => point.Y))
                : (component.X + (component.Width / 2.0), component.Y + (component.Height / 2.0));
            svg.Append($"<a{id} href=\"#c{component.Number}\">")
                .Append(FormattableString.Invariant($"<rect class=\"box\" x=\"{component.X}\" y=\"{component.Y}\" width=\"{component.Width}\""))
                .Append(FormattableString.Invariant($" height=\"{component.Height}\" stroke-width=\"{unit * 2:0.##}\"/>"))
                .Append(points ? Circles(component, default, unit * 2.2) : "")
                .Append(FormattableString.Invariant($"<text class=\"number\" x=\"{x:0.#}\" y=\"{y:0.#}\" font-size=\"{unit * 14:0.#}\""))
                .Append(FormattableString.Invariant($" stroke-width=\"{unit * 2:0.##}\" text-anchor=\"middle\">{component.Number}</text></a>"));
        }

        return svg.Append("</svg>").ToString();
    }

    private static string Points(RefinedComponent component, PixelWindow window) => FormattableString.Invariant(
        $"<svg viewBox=\"0 0 {window.Width} {window.Height}\">")
        + Circles(component, window, Math.Max(window.Width, window.Height) / 32.0) + "</svg>";

    private static string Circles(RefinedComponent component, PixelWindow window, double radius) => string.Concat(component.Points.Select(point =>
        FormattableString.Invariant($"<circle class=\"point\" cx=\"{point.X - window.X + 0.5:0.#}\" cy=\"{point.Y - window.Y + 0.5:0.#}\" r=\"{radius:0.##}\"")
        + FormattableString.Invariant($" stroke-width=\"{radius / 3:0.##}\"/>")));

    private static string Picture(byte[] png, string caption, string marks)
        => $"<span class=\"frame\"><span class=\"fit\"><img alt=\"{caption}\" src=\"{HtmlPage.Source(png)}\"/>{marks}</span></span>";

    private string Swatch(int id) => $"<span class=\"swatch\" style=\"background: {HtmlPage.Colour(_scene.Colours[id])}\"></span>";

    private double Share(long pixels) => (double)pixels / Math.Max(1, _scene.Before.Ids.Length);

    private string Unlabelled(LabelMap map) => Percent.Text(Share(map.Ids.Count(id => id == LabelMap.Ignore)));
}
