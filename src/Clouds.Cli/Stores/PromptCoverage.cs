using System.Globalization;
using Clouds.Cli.Reports;
using Clouds.Native.Generation.Prompts;
using Clouds.Native.Generation.Store;

namespace Clouds.Cli.Stores;

/// <summary>
/// Which classes the prompts of a store name, and how many images were made of such prompts. Where nobody has looked for classes before, those of
/// Cityscapes are looked for.
/// </summary>
internal sealed class PromptCoverage
{
    private readonly IReadOnlyList<Prompt> _prompts;
    private readonly IReadOnlyList<IReadOnlyList<string>> _named;
    private readonly Dictionary<int, int> _images;

    /// <param name="prompts">The prompts.</param>
    /// <param name="images">The images there are.</param>
    public PromptCoverage(IReadOnlyList<Prompt> prompts, IEnumerable<StoredImage> images)
    {
        bool looked = prompts.Any(prompt => prompt.Classes.Count > 0);
        _prompts = prompts;
        _named = [.. prompts.Select(prompt => looked ? prompt.Classes : ClassWords.Cityscapes.In(prompt.Text))];
        _images = images.GroupBy(image => image.PromptIndex).ToDictionary(group => group.Key, group => group.Count());
    }

    /// <summary>Puts it on a page: a bar for each class, and every prompt.</summary>
    public void AddTo(HtmlReport page)
    {
        page.AddHeading("Prompts");
        ReportBar[] bars = [.. Classes().Select(row => new ReportBar($"{row.Name} ({row.Images} images)", row.Share, BarKind.Ours))];
        if (bars.Length > 0)
        {
            page.AddText("Percent of the prompts that name a class.").AddBars(bars);
        }

        page.AddFolded($"All {_prompts.Count} prompts", inside => inside.AddTable(["", "prompt", "classes", "images"], _prompts.Index().Select(prompt =>
            (string[])[Text(prompt.Index), prompt.Item.Text, string.Join(", ", _named[prompt.Index]), Text(_images.GetValueOrDefault(prompt.Index))])));
    }

    private IEnumerable<(string Name, double Share, int Images)> Classes() => _named.Index()
        .SelectMany(prompt => prompt.Item.Distinct().Select(name => (Name: name, prompt.Index)))
        .GroupBy(pair => pair.Name)
        .Select(group => (group.Key, 100.0 * group.Count() / _prompts.Count, group.Sum(pair => _images.GetValueOrDefault(pair.Index))))
        .OrderByDescending(row => row.Item2).ThenBy(row => row.Key, StringComparer.Ordinal);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
