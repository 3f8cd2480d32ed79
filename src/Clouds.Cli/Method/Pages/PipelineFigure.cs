using System.Text;
using Clouds.Cli.Reports;

namespace Clouds.Cli.Method.Pages;

/// <summary>The paper's figure 2 as a drawing whose boxes lead to what they did in this run.</summary>
internal static class PipelineFigure
{
    private const int BoxWidth = 146;

    /// <summary>Names of the sections that boxes lead to.</summary>
    public static IReadOnlyList<string> Links { get; } = [.. Boxes.Select(box => box.Section).Distinct()];

    private static IEnumerable<Box> Boxes =>
    [
        new(4, 4, "Language model", "writes prompts", MethodSections.Prompts, IsFoundation: true),
        new(171, 4, "Diffusion model", "paints them", MethodSections.Prompts, IsFoundation: true),
        new(338, 4, "Painted images", "no labels", MethodSections.Prompts),
        new(4, 92, "Source images", "with labels", MethodSections.Pictures),
        new(171, 92, "CLIP's image encoder", "has seen the wide world, frozen", MethodSections.Encoder, IsFoundation: true, Width: 313),
        new(4, 180, "Unseen styles", "the test", MethodSections.Scores),
        new(171, 180, "Decoder", "the student, learns", MethodSections.Curves),
        new(338, 180, "Teacher", "follows the student", MethodSections.Refinement),
        new(171, 268, "Loss", "against the labels", MethodSections.Curves),
        new(338, 268, "SAM", "redraws the labels", MethodSections.Refinement, IsFoundation: true),
    ];

    // From, to and further corners; the last piece carries the point.
    private static IEnumerable<string> Arrows =>
    [
        "M150 30H167", "M317 30H334", "M411 56V88", "M150 118H167", "M244 144V176", "M411 144V176", "M171 206H154", "M411 232V264", "M338 294H321",
        "M244 268V236", "M4 118H-8V294H167", "M484 30H496V294H488",
    ];

    /// <summary>The drawing as markup.</summary>
    public static string Draw()
    {
        StringBuilder svg = new("<svg class=\"pipeline\" viewBox=\"-10 -2 508 326\" role=\"group\" xmlns=\"http://www.w3.org/2000/svg\" ");
        svg.Append("aria-label=\"The method: a language model writes prompts, a diffusion model paints them; a frozen encoder reads source and painted ")
            .Append("images; teacher and Segment Anything label the painted ones; the decoder learns from all labels and is tested on unseen styles\">\n");
        svg.Append("<defs><marker id=\"point\" viewBox=\"0 0 8 8\" refX=\"4\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">")
            .Append("<path class=\"point\" d=\"M0 0L8 4L0 8z\"/></marker></defs>\n");
        svg.Append(string.Concat(Arrows.Select(arrow => $"<path class=\"arrow\" marker-end=\"url(#point)\" d=\"{arrow}\"/>\n")));
        svg.Append("<path class=\"arrow slow\" marker-end=\"url(#point)\" d=\"M317 206H334\"/>\n");
        svg.Append(string.Concat(Boxes.Select(Draw)));
        return svg.Append("</svg>\n").ToString();
    }

    private static string Draw(Box box)
    {
        int middle = box.X + (box.Width / 2);
        string foundation = box.IsFoundation ? " class=\"foundation\"" : "";
        return $"<a href=\"#{box.Section}\"><rect{foundation} x=\"{box.X}\" y=\"{box.Y}\" width=\"{box.Width}\" height=\"52\" "
            + $"rx=\"6\"/><text class=\"name\" x=\"{middle}\" y=\"{box.Y + 22}\">{HtmlPage.Escape(box.Name)}</text>"
            + $"<text class=\"soft\" x=\"{middle}\" y=\"{box.Y + 42}\">{HtmlPage.Escape(box.Line)}</text></a>\n";
    }

    private sealed record Box(int X, int Y, string Name, string Line, string Section, bool IsFoundation = false, int Width = BoxWidth);
}
