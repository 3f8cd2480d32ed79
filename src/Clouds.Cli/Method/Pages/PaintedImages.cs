using Clouds.Cli.Reports;
using Clouds.Native.Generation.Prompts;
using Clouds.Native.Generation.Store;
using Clouds.Native.Images;

namespace Clouds.Cli.Method.Pages;

/// <summary>What the language model wrote, and what the diffusion model painted of it.</summary>
internal sealed class PaintedImages(MethodFolder folder)
{
    private const int MostPictures = 36;
    private const int Quality = 85;

    /// <summary>Adds prompts with one image each, then the prompts without.</summary>
    public void AddTo(HtmlReport page)
    {
        if (!File.Exists(folder.Prompts))
        {
            page.AddNote("No prompts were written in this run.");
            return;
        }

        IReadOnlyList<Prompt> prompts = PromptFile.Read(folder.Prompts);
        page.AddText($"{prompts.Count} prompts{Writer(prompts)}, {prompts.Count(prompt => prompt.Faults.Count == 0)} of them without a mark.");
        AddImages(page);
        page.AddFolded("All prompts", inside => inside.AddTable(["prompt", "classes", "context"],
            prompts.Select(prompt => (string[])[prompt.Text, string.Join(", ", prompt.Classes), prompt.Context])));
    }

    private static string Writer(IReadOnlyList<Prompt> prompts) => prompts[0].Origin.Source switch
    {
        PromptSource.Model => " by the language model",
        PromptSource.Template => " by a template, no language model",
        _ => " from a text",
    };

    private void AddImages(HtmlReport page)
    {
        StoredImage[] images = Directory.Exists(folder.Images) ? [.. ImageStore.Read(folder.Images).Images()] : [];
        if (images.Length == 0)
        {
            page.AddNote("No images were painted in this run.");
            return;
        }

        StoredImage[] shown = [.. images.DistinctBy(image => image.PromptIndex).Take(MostPictures)];
        StoredImage first = shown[0];
        page.AddText($"{images.Length} images of {first.Width} x {first.Height} pixels, {first.Steps} steps each; the first one of each of "
            + $"{shown.Length} prompts, none chosen or left out:");
        page.AddGallery([.. shown.Select(image => new GalleryPicture(Jpeg(image), Link: null, image.Prompt, Remark: ""))]);
    }

    private byte[] Jpeg(StoredImage image) => ImageFile.EncodeJpeg(ImageFile.Read(Path.Combine(folder.Images, image.File)), Quality);
}
