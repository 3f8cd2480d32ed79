using Clouds.Native.Images;

namespace Clouds.Training.Foundation;

/// <summary>Pictures that show what a model does, in rows.</summary>
/// <param name="Columns">What the pictures of a row are, from left to right.</param>
/// <param name="Rows">The rows.</param>
public sealed record PictureSheet(IReadOnlyList<string> Columns, IReadOnlyList<SheetRow> Rows)
{
    /// <summary>Rows of a sheet where nothing else is said.</summary>
    public const int Usual = 8;

    private const int Gap = 4;
    private const int LongestSide = 512;

    /// <summary>A picture as a sheet has it: smaller where it is large.</summary>
    public static RgbImage Small(RgbImage picture)
    {
        double scale = Math.Min(1, (double)LongestSide / Math.Max(picture.Width, picture.Height));
        int Side(int side) => Math.Max(1, (int)Math.Round(side * scale));
        return PillowResize.Bilinear(picture, Side(picture.Width), Side(picture.Height));
    }

    /// <summary>All pictures as one: rows below each other, white between them, each row as high as its highest picture.</summary>
    public RgbImage Draw()
    {
        int[] heights = [.. Rows.Select(row => row.Pictures.Max(picture => picture.Height))];
        int[] widths = [.. Columns.Select((_, column) => Rows.Max(row => row.Pictures[column].Width))];
        RgbImage sheet = new(widths.Sum() + (Gap * (widths.Length - 1)), heights.Sum() + (Gap * (heights.Length - 1)));
        Array.Fill(sheet.Pixels, byte.MaxValue);
        int y = 0;
        for (int row = 0; row < Rows.Count; y += heights[row++] + Gap)
        {
            int x = 0;
            for (int column = 0; column < Columns.Count; x += widths[column++] + Gap)
            {
                Put(Rows[row].Pictures[column], sheet, x, y);
            }
        }

        return sheet;
    }

    private static void Put(RgbImage picture, RgbImage sheet, int x, int y)
    {
        for (int row = 0; row < picture.Height; row++)
        {
            picture.Pixels.AsSpan(3 * row * picture.Width, 3 * picture.Width).CopyTo(sheet.Pixels.AsSpan(3 * (((y + row) * sheet.Width) + x)));
        }
    }
}

/// <summary>A row of a sheet.</summary>
/// <param name="Text">What stands above it where a page shows it.</param>
/// <param name="Pictures">As many as there are columns.</param>
public sealed record SheetRow(string Text, IReadOnlyList<RgbImage> Pictures);

/// <summary>What was measured, and pictures where there are some.</summary>
/// <param name="Evaluation">The numbers.</param>
/// <param name="Sheet">Pictures; null: none.</param>
public sealed record MeasuredModel(ModelEvaluation Evaluation, PictureSheet? Sheet = null);
