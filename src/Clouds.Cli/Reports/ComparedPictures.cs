using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Evaluation;

namespace Clouds.Cli.Reports;

/// <summary>Pictures of the images on which two results differ most: image, labels, both answers, and where only one of them is right.</summary>
/// <param name="sets">The data sets.</param>
/// <param name="most">Images of each.</param>
internal sealed class ComparedPictures(IReadOnlyList<IDataset> sets, int most)
{
    private const int Longest = 480;

    private static readonly (string Name, RgbColour Colour)[] Verdicts =
    [
        ("both right", new(214, 219, 225)), ("only A right", new(11, 102, 195)), ("only B right", new(201, 79, 10)),
        ("both wrong", new(60, 20, 40)), ("ignored", new(0, 0, 0)),
    ];

    private readonly Dictionary<(int Set, string Image), List<ScoredAnswer>> _answers = [];

    /// <summary>Has one of the two answer the images that will be shown; the first one first.</summary>
    /// <returns>How many were answered.</returns>
    public int AddAnswers(IReadOnlyList<EvaluationComparison> compared, Func<IDataset, IAnswers> open, CancellationToken cancellation)
    {
        int answered = 0;
        foreach ((int set, IDataset data) in sets.Index())
        {
            IAnswers answers = open(data);
            foreach (string image in Shown(compared[set]))
            {
                _answers.TryAdd((set, image), []);
                _answers[(set, image)].Add(Small(answers.For(Load(data, image), cancellation)));
                answered++;
            }
        }

        return answered;
    }

    /// <summary>Adds the pictures of a data set to a page.</summary>
    public void AddTo(HtmlReport page, int set, EvaluationComparison pair)
    {
        ClassSet classes = sets[set].Classes;
        page.AddLegend(Verdicts);
        foreach (string name in Shown(pair))
        {
            (LabelMap truth, LabelMap first, LabelMap second) =
                (_answers[(set, name)][0].Truth, _answers[(set, name)][0].Labels, _answers[(set, name)][1].Labels);
            RgbImage image = PillowResize.Bilinear(Load(sets[set], name).Image, truth.Width, truth.Height);
            page.AddImageRow(
                Picture(image, name),
                Picture(LabelPainter.Colours(truth, classes.Colours), "labels"),
                Picture(LabelPainter.Overlay(image, first, classes.Colours, borders: true), "A"),
                Picture(LabelPainter.Overlay(image, second, classes.Colours, borders: true), "B"),
                Picture(LabelPainter.Colours(Verdict(truth, first, second), [.. Verdicts.Select(verdict => verdict.Colour)]), "who is right"));
        }
    }

    /// <summary>For every pixel the number of its verdict.</summary>
    internal static LabelMap Verdict(LabelMap truth, LabelMap first, LabelMap second) => new(truth.Width, truth.Height,
        [.. truth.Ids.Select((id, i) => (ushort)(id == LabelMap.Ignore ? 4 : (first.Ids[i] == id, second.Ids[i] == id) switch
        {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            _ => 3,
        }))]);

    private IEnumerable<string> Shown(EvaluationComparison pair) => pair.Images.Where(image => image.Gain != 0).Take(most).Select(image => image.Name);

    private static Sample Load(IDataset data, string name) => data.Load(Enumerable.Range(0, data.Count).First(index => data.SampleName(index) == name));

    private static ScoredAnswer Small(ScoredAnswer answer)
    {
        double scale = Math.Min(1, (double)Longest / Math.Max(answer.Truth.Width, answer.Truth.Height));
        (int width, int height) = (Math.Max(1, (int)(answer.Truth.Width * scale)), Math.Max(1, (int)(answer.Truth.Height * scale)));
        return new ScoredAnswer(NearestResize.Pillow(answer.Labels, width, height), NearestResize.Pillow(answer.Truth, width, height));
    }

    private static ReportImage Picture(RgbImage image, string caption) => new(ImageFile.EncodePng(image), caption);
}
