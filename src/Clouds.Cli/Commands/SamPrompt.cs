using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Sam;

namespace Clouds.Cli.Commands;

/// <summary>What `clouds sam` is asked for, for every image.</summary>
/// <param name="Points">Points, in pixels.</param>
/// <param name="Box">A box, in pixels; null: none.</param>
/// <param name="Mask">File of a mask to start from; null: none.</param>
internal sealed record SamPrompt(IReadOnlyList<PromptPoint> Points, PromptBox? Box, string? Mask)
{
    private const string PointForm = "x,y or x,y,1 (inside) or x,y,0 (outside), several with ; between them";
    private const string BoxForm = "x0,y0,x1,y1: left, upper, right and lower side";

    /// <summary>The prompts of a command line: points and boxes that stand there equally often belong together, one by one.</summary>
    /// <param name="points">Points of each prompt.</param>
    /// <param name="boxes">A box of each prompt.</param>
    /// <param name="masks">A mask of each prompt.</param>
    /// <exception cref="CloudsException">Usage: one cannot be read, or they do not belong together.</exception>
    public static IReadOnlyList<SamPrompt> Parse(IReadOnlyList<string> points, IReadOnlyList<string> boxes, IReadOnlyList<string> masks)
    {
        int count = points.Count + boxes.Count == 0 ? masks.Count : Math.Max(points.Count, boxes.Count);
        if ((points.Count > 0 && boxes.Count > 0 && points.Count != boxes.Count) || (masks.Count > 0 && masks.Count != count))
        {
            throw Wrong("it cannot be told which points, boxes and masks belong together", "--points, --box, --mask",
                $"{points.Count} times --points, {boxes.Count} times --box, {masks.Count} times --mask",
                "points, boxes or masks alone, or equally many of all that there are", "call once for each");
        }

        return [.. Enumerable.Range(0, count).Select(i => new SamPrompt(
            i < points.Count ? ReadPoints(points[i]) : [], i < boxes.Count ? ReadBox(boxes[i]) : null, masks.Count > 0 ? masks[i] : null))];
    }

    /// <summary>The prompt for an image.</summary>
    /// <param name="embedding">The image.</param>
    /// <exception cref="CloudsException">BadInput: it lies outside the image, or the mask cannot be read or has another size.</exception>
    public MaskPrompt For(ImageEmbedding embedding) => new()
    {
        Points = Points,
        Box = Box,
        Mask = Mask is null ? null : embedding.MaskOf(ReadMask(Mask, embedding.Width, embedding.Height)),
    };

    /// <summary>Refuses a prompt that does not lie in an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="file">Its file.</param>
    /// <exception cref="CloudsException">BadInput.</exception>
    public void Require(RgbImage image, string file)
    {
        foreach (PromptPoint point in Points)
        {
            Require(point.X >= 0 && point.X < image.Width && point.Y >= 0 && point.Y < image.Height, "a point lies outside the image",
                string.Create(CultureInfo.InvariantCulture, $"{point.X},{point.Y}"), image, file);
        }

        if (Box is PromptBox box)
        {
            Require(box.Left >= 0 && box.Top >= 0 && box.Right <= image.Width && box.Bottom <= image.Height, "a box reaches beyond the image",
                string.Create(CultureInfo.InvariantCulture, $"{box.Left},{box.Top},{box.Right},{box.Bottom}"), image, file);
        }
    }

    private static void Require(bool inside, string what, string found, RgbImage image, string file)
    {
        if (!inside)
        {
            throw new CloudsException(Failure.BadInput, what, file, found, $"0 to {image.Width} across, 0 to {image.Height} down",
                "places are pixels of the image, from its upper left corner");
        }
    }

    private static bool[] ReadMask(string file, int width, int height)
    {
        LabelMap mask = LabelPng.Read(file);
        return mask.Width == width && mask.Height == height
            ? Array.ConvertAll(mask.Ids, id => id != 0)
            : throw new CloudsException(Failure.BadInput, "a mask has another size than its image", file, $"{mask.Width} x {mask.Height}",
                $"{width} x {height}", "a mask of the image: 0 outside, all else inside");
    }

    private static PromptPoint[] ReadPoints(string text)
    {
        string[] points = text.Split([';', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return points.Length > 0
            ? [.. points.Select(point => ReadPoint(point, text))]
            : throw Wrong("a prompt has no points", $"--points {text}", null, PointForm);
    }

    private static PromptPoint ReadPoint(string point, string text)
    {
        float[]? numbers = Numbers(point);
        return numbers switch
        {
            [float x, float y] => new PromptPoint(x, y),
            [float x, float y, 0 or 1] => new PromptPoint(x, y, Inside: numbers[2] == 1),
            [_, _, _] => throw Wrong("a point's label is unknown", $"--points {text}", point, PointForm),
            _ => throw Wrong("a point cannot be read", $"--points {text}", point, PointForm),
        };
    }

    private static PromptBox ReadBox(string text) => Numbers(text) switch
    {
        [float left, float top, float right, float bottom] when left < right && top < bottom => new PromptBox(left, top, right, bottom),
        [_, _, _, _] => throw Wrong("a box has no inside", $"--box {text}", null, BoxForm),
        _ => throw Wrong("a box cannot be read", $"--box {text}", null, BoxForm),
    };

    // Null where one is none, or not finite.
    private static float[]? Numbers(string text)
    {
        float[] numbers = [.. text.Split(',', StringSplitOptions.TrimEntries)
            .Select(word => float.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) ? number : float.NaN)];
        return numbers.All(float.IsFinite) ? numbers : null;
    }

    private static CloudsException Wrong(string what, string where, string? found, string expected, string next = "`clouds sam --help` shows examples") =>
        new(Failure.Usage, what, where, found, expected, next);
}
