using Clouds.Native.Generation.Painting;
using Clouds.Native.Generation.Store;

namespace Clouds.Cli.Stores;

/// <summary>Tells what of a request an image could not follow, as its record says too; of each text once.</summary>
/// <param name="warn">Told in a sentence.</param>
internal sealed class StoreRemarks(Action<string> warn)
{
    private const int Shown = 60;

    private readonly HashSet<string> _told = [];

    /// <summary>After each image.</summary>
    public void Painted(StoredNow now)
    {
        StoredImage image = now.Image;
        PaintNotes? notes = image.Notes;
        TellCut($"prompt {image.PromptIndex + 1}", image.Prompt, notes?.PromptCut);
        TellCut("the negative prompt", image.NegativePrompt, notes?.NegativePromptCut);
        if (notes?.DecodedAgain == true)
        {
            warn($"{image.File}: in half precision its pixels were no numbers; it was decoded again in single precision");
        }
    }

    private void TellCut(string what, string text, string? cut)
    {
        if (cut is not null && _told.Add(text))
        {
            warn($"{what} is longer than the text encoder reads; images do not know its end, '{(cut.Length > Shown ? $"{cut[..Shown]}.." : cut)}'");
        }
    }
}
