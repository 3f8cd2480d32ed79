using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Evaluation;

namespace Clouds.Cli.Reports;

/// <summary>Counts pixels of classes and draws them as a table with bars.</summary>
internal sealed class ClassHistogram(ClassSet classes)
{
    private readonly long[] _pixels = new long[classes.Count];
    private readonly int[] _images = new int[classes.Count];

    /// <summary>Share of each class in the labelled pixels, 0 to 1, by name.</summary>
    public IReadOnlyDictionary<string, double> Shares
    {
        get
        {
            double total = Math.Max(1, _pixels.Sum());
            return classes.Names.Select((name, id) => (name, Share: _pixels[id] / total)).ToDictionary(pair => pair.name, pair => pair.Share);
        }
    }

    /// <summary>Counts one image.</summary>
    public void Add(LabelMap labels)
    {
        bool[] seen = new bool[classes.Count];
        foreach (ushort id in labels.Ids)
        {
            if (id < seen.Length)
            {
                _pixels[id]++;
                seen[id] = true;
            }
        }

        for (int id = 0; id < seen.Length; id++)
        {
            _images[id] += seen[id] ? 1 : 0;
        }
    }

    /// <summary>Puts the table on a page.</summary>
    public void AddTo(HtmlReport page)
    {
        double largest = Math.Max(1e-9, Shares.Values.Max());
        page.AddTable(
            ["class", "share %", "images", ""],
            classes.Names.Select((name, id) => (IReadOnlyList<string>)[
                name, Percent.Text(Shares[name]), $"{_images[id]}", new string('█', (int)Math.Round(30 * Shares[name] / largest))]));
    }
}
