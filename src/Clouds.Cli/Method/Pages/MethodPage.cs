using Clouds.Cli.Reports;
using Clouds.Cli.Runs;
using Clouds.Training.Engine;
using Clouds.Training.Streets.World;

namespace Clouds.Cli.Method.Pages;

/// <summary>The page of the whole method: what the paper does, what came out, and how; it stands alone. What a run left out, it says.</summary>
internal sealed class MethodPage
{
    private static readonly string[] Story =
    [
        "A segmenter names every pixel of a street scene; trained on one kind of pictures, it fails on kinds that it has never seen, such as night or snow.",
        "The paper CLOUDS (CVPR 2024) has four foundation models work together against this. The first is CLIP: its image encoder has seen the wide world and "
            + "stays frozen, while a decoder behind it learns from the labelled source images (stage 1).",
        "A language model writes prompts of the form “a photo of X in Z”, and a diffusion model paints them: other light, weather and places, but no "
            + "labels.",
        "A teacher, a slow copy of the decoder, labels the painted images, and Segment Anything, asked with five points in every region, redraws these labels; "
            + "where its masks clash, nothing is claimed.",
        "The decoder goes on learning from both, source and painted images (stage 2), and is tested on styles that no labelled image shows.",
    ];

    private readonly SeedRuns _runs;
    private readonly HtmlReport _page;

    private MethodPage(SeedRuns runs)
    {
        _runs = runs;
        _page = new HtmlReport("CLOUDS in miniature: four foundation models against unseen styles", MethodStyle.Sheet);
    }

    /// <summary>Writes the page of a run, or of one run for each of several seeds.</summary>
    /// <param name="path">Where to; it appears whole or not at all.</param>
    /// <param name="folders">The runs.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">BadInput: a file of a run is damaged; Output: the page cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<MethodFolder> folders) => Make(SeedRuns.Read(folders)).Save(path);

    /// <summary>Makes the page.</summary>
    public static HtmlReport Make(SeedRuns runs)
    {
        MethodPage page = new(runs);
        page.AddStory();
        page.AddOutcome();
        page.AddScores();
        new PaintedImages(runs.Folder).AddTo(page._page.AddSection(MethodSections.Prompts, "Prompts, and the images painted of them"));
        new RefinedImages(runs.Folder).AddTo(page._page.AddSection(MethodSections.Refinement, "Refinement, looked through"), runs.First.Plan.XrayImages);
        page.AddCurves();
        new ClassScores(runs).AddTo(page._page.AddSection(MethodSections.Classes, "Classes"));
        page.AddPictures();
        new RunCosts(runs).AddTo(page._page.AddSection(MethodSections.Costs, "What it took"));
        return page._page;
    }

    private void AddStory()
    {
        _page.AddMarkup($"<div class=\"story\"><ol>{string.Concat(Story.Select(sentence => $"<li>{HtmlPage.Escape(sentence)}</li>\n"))}</ol>\n")
            .AddMarkup($"<figure>{PipelineFigure.Draw()}<figcaption>After the paper’s figure 2. Shaded: foundation models, which nothing here "
                + "trains; dashed: the teacher follows slowly. Boxes lead to their part of this page.</figcaption></figure></div>\n");
        _page.AddMarkup($"<nav aria-label=\"Contents\">{string.Join(" ", MethodSections.All.Select(section =>
            $"<a href=\"#{section.Id}\">{HtmlPage.Escape(section.Name)}</a>"))}</nav>\n");
    }

    private void AddOutcome()
    {
        MethodVerdict verdict = new(_runs);
        string cards = string.Concat(_runs.Steps.Select(arm => Card(ArmWords.Name(arm), _runs.Summary.Mean(arm), $"m{ArmWords.Colour(arm)}")));
        string gain = _runs.Last == MethodArm.Source ? ""
            : $"<div class=\"gain\"><b>{ScoreText.Signed(verdict.Difference(MethodArm.Source, _runs.Last))}</b><span>points gained</span></div>\n";
        _page.AddHeading("What came out").AddMarkup($"<p class=\"verdict\">{HtmlPage.Escape(verdict.Gain)}</p>\n<div class=\"cards\">{cards}{gain}</div>\n");
        _page.AddText(verdict.Order);
        if (verdict.Frozen.Length > 0)
        {
            _page.AddText(verdict.Frozen);
        }

        if (_runs.First.Plan.LeavesOut.Count > 0)
        {
            _page.AddNote($"This run ({_runs.First.Plan.Name}) leaves out: {string.Join("; ", _runs.First.Plan.LeavesOut)}.");
        }
    }

    private static string Card(string name, Spread score, string mark) =>
        $"<div class=\"{mark}\"><b>{ScoreText.Mean(score)}</b><span>{HtmlPage.Escape($"{name} {ScoreText.Around(score)}".TrimEnd())}</span></div>\n";

    private void AddScores()
    {
        ScoreTables tables = new(_runs);
        MethodTest source = _runs.First.Tests.First(test => test.Group == WorldGroup.Source);
        _page.AddSection(MethodSections.Scores, "Table 4 in miniature: what each foundation model adds")
            .AddMarkup($"<figure class=\"chart\">{new StyleDots(_runs).Draw()}</figure>\n").AddMarkup(tables.Four.Draw())
            .AddText($"{source.Images} test scenes a style of {_runs.First.Plan.Width} x {_runs.First.Plan.Height} pixels, {_runs.First.Plan.SourceScenes} "
                + $"labelled scenes of the source; {Trained}. Sizes, networks and data are not the paper's: what can be compared is the order and the gains.");
        _page.AddSection(MethodSections.Encoder, "Table 5 in miniature: the encoder frozen, or trained");
        if (tables.Five is ScoreGrid five)
        {
            _page.AddMarkup(five.Draw()).AddText("Ours are of stage 1 alone: CLIP's encoder, frozen, against the same encoder begun from nothing and "
                + "trained with the decoder. The paper's are of the whole method, and its trained encoder begins as CLIP's.");
        }
        else
        {
            _page.AddNote("This run did not train an encoder from scratch.");
        }
    }

    private string Trained => string.Join(", ", _runs.First.Arms.Select(arm => $"{ArmWords.Name(arm.Arm)} {arm.Steps} steps"));

    private void AddCurves()
    {
        _page.AddSection(MethodSections.Curves, "Curves").AddText("The teacher has no loss of its own: it begins as the model of stage 1, “source only”, "
            + "and slowly follows the student of stage 2.");
        AddCurves("Stage 1", [MethodArm.Source, MethodArm.Scratch]);
        AddCurves("Stage 2, from stage 1", [MethodArm.Generated, MethodArm.Refined]);
    }

    private void AddCurves(string stage, IReadOnlyList<MethodArm> arms)
    {
        CurveSource[] sources = [.. arms.Where(_runs.Arms.Contains).Where(arm => File.Exists(_runs.Folder.Run(arm).History))
            .Select(arm => new CurveSource(ArmWords.Name(arm), TrainingHistory.Read(_runs.Folder.Run(arm).History), _runs.First.Plan.Batch))
            .Where(source => source.Steps.Count > 0)];
        _page.AddSmallHeading(stage);
        _ = sources.Length == 0 ? _page.AddNote("There are no steps in the run's folder.") : _page.AddCharts(new RunCurves(sources).Losses);
    }

    private void AddPictures()
    {
        IReadOnlyList<MethodArm> arms = _runs.Last == MethodArm.Source ? [MethodArm.Source] : [MethodArm.Source, _runs.Last];
        new StylePictures(_runs.Folder, _runs.First, arms).AddTo(_page.AddSection(MethodSections.Pictures, "Pictures"));
    }
}
