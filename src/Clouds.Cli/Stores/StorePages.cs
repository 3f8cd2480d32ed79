using System.Globalization;
using Clouds.Cli.Reports;
using Clouds.Native.Generation.Store;

namespace Clouds.Cli.Stores;

/// <summary>
/// The pages of a store: the first says how its images were made, how one came out of the noise, what prompts they show and which were marked; all have
/// a part of the images as thumbnails with their prompts. Each page stands alone but for the links to the images themselves and to the other pages.
/// </summary>
internal sealed class StorePages
{
    /// <summary>The first page.</summary>
    public const string FileName = "index.html";

    private const int ImagesAPage = 200;

    private readonly StoreReview _review;
    private readonly ImageStore _store;
    private readonly ILookup<string, ImageMark> _marks;
    private readonly Dictionary<string, ImageScore> _scores;

    private StorePages(StoreReview review) => (_review, _store, _marks, _scores) = (
        review, review.Store, review.Marks.ToLookup(mark => mark.File), review.Scores?.Images.ToDictionary(image => image.File) ?? []);

    /// <summary>Writes them into the store.</summary>
    /// <returns>Path of the first.</returns>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Output: they cannot be written.</exception>
    public static string Write(StoreReview review)
    {
        StorePages pages = new(review);
        ReviewedImage[][] parts = [.. review.Images.Chunk(ImagesAPage).DefaultIfEmpty([])];
        for (int number = parts.Length - 1; number >= 0; number--)
        {
            pages.Page(parts[number], number, parts.Length).Save(review.Store.PathOf(NameOf(number)));
        }

        return review.Store.PathOf(FileName);
    }

    private static string NameOf(int number) => number == 0 ? FileName : string.Create(CultureInfo.InvariantCulture, $"index-{number + 1}.html");

    private HtmlReport Page(ReviewedImage[] images, int number, int pages)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(_store.Folder)));
        HtmlReport page = new($"Generated images {name}{(pages > 1 ? $", page {number + 1} of {pages}" : "")}");
        if (number == 0)
        {
            AddFacts(page);
            AddMarks(page);
            new PromptCoverage(_store.Plan.Prompts, _review.Images.Select(image => image.Image)).AddTo(page);
        }

        page.AddHeading("Images");
        AddLinks(page, number, pages);
        page.AddGallery([.. images.Select(Picture)]);
        AddLinks(page, number, pages);
        return page;
    }

    private void AddFacts(HtmlReport page)
    {
        StorePlan plan = _store.Plan;
        string seed = plan.Seed.ToString(CultureInfo.InvariantCulture);
        page.AddTable(["", ""],
        [
            ["images", $"{_review.Images.Count}"], ["prompts", $"{plan.Prompts.Count}"], ["seed of image 0", seed], ["size", $"{plan.Width} x {plan.Height}"],
            ["steps", $"{plan.Steps}, {plan.Sampler}"], ["guidance", plan.Guidance.ToString(CultureInfo.InvariantCulture)],
            ["negative prompt", plan.NegativePrompt.Length == 0 ? "none" : plan.NegativePrompt],
            .. plan.Start is StartImage start ? [["begins from", $"{start.Name}, strength {plan.Strength}"]] : Array.Empty<string[]>(),
            ["model", $"{plan.Model}, {plan.Prediction}, {plan.Precision}"],
        ]);
        page.AddFolded("Files of the model", inside => inside.AddTable(["file", "SHA-256"], plan.Files.Select(file => (string[])[file.Name, file.Sha256])));
        string steps = _store.PathOf(StoreFiles.Steps);
        if (File.Exists(steps))
        {
            page.AddHeading("Out of the noise").AddImageRow(new ReportImage(File.ReadAllBytes(steps), $"Image 0 in its steps: {plan.PromptOf(0).Text}"));
        }
    }

    private void AddMarks(HtmlReport page)
    {
        MarkOptions options = new();
        page.AddHeading("Marks").AddText(string.Create(CultureInfo.InvariantCulture,
            $"{_review.Marks.Count} of {_review.Images.Count} images are marked: constant where brightness deviates by less than {options.Deviation} of 256 "
            + $"levels, duplicate where the perceptual hash differs from an earlier image's in {options.Distance} of 64 bits at most. They stay; "
            + $"generated:{_store.Folder}?images=unmarked leaves them out."));
        if (_review.Scores is StoreScores scores)
        {
            page.AddText(string.Create(CultureInfo.InvariantCulture,
                $"{scores.Model} has looked at {scores.Images.Count} images: mean CLIP score {_review.MeanScore:0.000}. Prompt: an image that scores no more "
                + $"with its prompt than with the others on average{(scores.Least is double least ? $", or less than {least}" : "")}."));
        }

        if (_review.Marks.Count > 0)
        {
            page.AddFolded("Marked images", inside => inside.AddTable(["image", "mark", "value", "like"], _review.Marks.Select(mark =>
                (string[])[mark.File, Word(mark), mark.Value.ToString(CultureInfo.InvariantCulture), mark.Of ?? ""])));
        }
    }

    private static void AddLinks(HtmlReport page, int number, int pages)
    {
        if (pages > 1)
        {
            page.AddLinks([.. Enumerable.Range(0, pages).Select(other => ($"{other + 1}", other == number ? null : NameOf(other)))]);
        }
    }

    private GalleryPicture Picture(ReviewedImage image) => new(
        image.Thumbnail, image.Image.File, $"{image.Image.Index}: {image.Image.Prompt}{Score(image.Image)}",
        string.Join(", ", _marks[image.Image.File].Select(Word)));

    private string Score(StoredImage image) => _scores.TryGetValue(image.File, out ImageScore? score)
        ? string.Create(CultureInfo.InvariantCulture, $" (CLIP {score.Score:0.000})") : "";

    private static string Word(ImageMark mark) => mark.Reason.ToString().ToLowerInvariant();
}
