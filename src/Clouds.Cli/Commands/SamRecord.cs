using System.Text;
using Clouds.Cli.Console;
using Clouds.Graph.Files;
using Clouds.Native.Refinement;
using Clouds.Native.Sam;

namespace Clouds.Cli.Commands;

/// <summary>A mask in the form of the COCO data set.</summary>
/// <param name="Size">Rows, columns.</param>
/// <param name="Counts">Compressed runs along columns.</param>
internal sealed record SamRuns(IReadOnlyList<int> Size, string Counts);

/// <summary>A mask as the JSON file has it.</summary>
/// <param name="File">Its file, beside the record.</param>
/// <param name="Score">The overlap with the truth (IoU) that the network expects.</param>
/// <param name="Best">Whether no other mask of the prompt has a higher score.</param>
/// <param name="Area">Pixels.</param>
/// <param name="Box">x, y, width, height of what is inside; zeros where nothing is.</param>
/// <param name="Segmentation">Its pixels.</param>
internal sealed record SamMaskRow(string File, float Score, bool Best, int Area, IReadOnlyList<int> Box, SamRuns Segmentation)
{
    public static SamMaskRow Of(string file, float score, bool best, PixelMask mask) =>
        new(file, score, best, mask.Area, BoxOf(mask), new SamRuns([mask.Height, mask.Width], CocoMasks.Encode(mask)));

    private static int[] BoxOf(PixelMask mask)
    {
        (int left, int top, int right, int bottom) = (int.MaxValue, int.MaxValue, -1, -1);
        for (int i = 0; i < mask.Width * mask.Height; i++)
        {
            (int x, int y) = (i % mask.Width, i / mask.Width);
            if (mask.Contains(x, y))
            {
                (left, top, right, bottom) = (Math.Min(left, x), Math.Min(top, y), Math.Max(right, x), Math.Max(bottom, y));
            }
        }

        return right < 0 ? [0, 0, 0, 0] : [left, top, right - left + 1, bottom - top + 1];
    }
}

/// <summary>A prompt and its masks as the JSON file has them.</summary>
/// <param name="Points">x, y and 1 (inside) or 0 (outside).</param>
/// <param name="Box">Left, upper, right and lower side; null: none.</param>
/// <param name="StartedFrom">File of the mask that it started from; null: none.</param>
/// <param name="Masks">Three, or the best.</param>
internal sealed record SamPromptRow(
    IReadOnlyList<IReadOnlyList<float>> Points, IReadOnlyList<float>? Box, string? StartedFrom, IReadOnlyList<SamMaskRow> Masks)
{
    public static SamPromptRow Of(SamPrompt prompt, IReadOnlyList<SamMaskRow> masks) => new(
        [.. prompt.Points.Select(point => new[] { point.X, point.Y, point.Inside ? 1 : 0 })],
        prompt.Box is PromptBox box ? [box.Left, box.Top, box.Right, box.Bottom] : null, prompt.Mask, masks);
}

/// <summary>What was found without prompts.</summary>
/// <param name="File">The masks, beside the record.</param>
/// <param name="Masks">How many.</param>
internal sealed record SamFound(string File, int Masks);

/// <summary>What is written about an image, last of its files.</summary>
/// <param name="Image">Its file.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Seconds">Time of looking at it, answering, and writing.</param>
/// <param name="Device">Where the network ran.</param>
/// <param name="Prompts">All of them; none where everything was looked for.</param>
/// <param name="Everything">Null where there were prompts.</param>
internal sealed record SamRecord(
    string Image, int Width, int Height, double Seconds, string Device, IReadOnlyList<SamPromptRow> Prompts, SamFound? Everything)
{
    public void Write(string file) => AtomicFile.WriteAllBytes(file, Encoding.UTF8.GetBytes(JsonText.Document(this)));
}
