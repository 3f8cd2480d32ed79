using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Streets.World;

namespace Clouds.Cli.Method.Pages;

/// <summary>A still picture of a result: unseen styles below each other, of each a test scene, its labels, the answers without and with the method.</summary>
internal sealed class MethodStrip
{
    private const int Enlargement = 2;
    private const int Gap = 8;
    private const int Letters = 3;
    private const int SmallLetters = 2;
    private const int Line = (PixelLetters.Height * Letters) + (2 * Gap);
    private const int Swatch = 22;
    private const int EntryWidth = 220;

    private readonly IReadOnlyList<AnsweredScene> _scenes;
    private readonly (int Width, int Height) _cell;
    private readonly int _columns;

    private MethodStrip(IReadOnlyList<AnsweredScene> scenes)
    {
        _scenes = scenes;
        _cell = (Enlargement * scenes[0].Image.Width, Enlargement * scenes[0].Image.Height);
        _columns = 2 + scenes[0].Answers.Count;
    }

    private int Width => (_columns * (_cell.Width + Gap)) - Gap;

    private int EntriesARow => Math.Max(1, Width / EntryWidth);

    /// <summary>Writes the picture as a PNG file; it appears whole or not at all.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="folder">The run.</param>
    /// <param name="styles">Names of styles; null: the first of group A and the first of group B. The first scene of each is shown.</param>
    /// <exception cref="CloudsException">BadInput: the run has kept no picture of such a style; Output: it cannot be written.</exception>
    public static void Write(string path, MethodFolder folder, IReadOnlyList<string>? styles = null)
    {
        SeedRuns runs = SeedRuns.Read([folder]);
        IReadOnlyList<string> shown = styles ?? [.. ((WorldGroup[])[WorldGroup.Seen, WorldGroup.Unseen])
            .SelectMany(group => runs.First.Tests.Where(test => test.Group == group).Take(1)).Select(test => test.Name)];
        ILookup<string, AnsweredScene> scenes =
            new StylePictures(folder, runs.First, [.. new[] { MethodArm.Source, runs.Last }.Distinct()]).Scenes().ToLookup(scene => scene.Style);
        ImageFile.WritePng(path, new MethodStrip([.. shown.Select(style => scenes[style].FirstOrDefault() ?? throw Missing(folder, style, scenes))]).Draw());
    }

    private RgbImage Draw()
    {
        IReadOnlyList<(string Name, RgbColour Colour)> legend = StylePictures.Legend(_scenes);
        int lines = (legend.Count + EntriesARow - 1) / EntriesARow;
        int rows = _scenes.Count * (Line + _cell.Height);
        PixelCanvas canvas = new(Width, rows + (2 * Gap) + (lines * (Swatch + Gap)));
        foreach ((int place, AnsweredScene scene) in _scenes.Index())
        {
            Draw(canvas, scene, place * (Line + _cell.Height));
        }

        foreach ((int place, (string name, RgbColour colour)) in legend.Index())
        {
            (int x, int y) = (place % EntriesARow * EntryWidth, rows + (2 * Gap) + (place / EntriesARow * (Swatch + Gap)));
            canvas.Fill(x, y, Swatch, Swatch, colour);
            canvas.Write(name, x + Swatch + Gap, y + ((Swatch - (PixelLetters.Height * SmallLetters)) / 2), SmallLetters);
        }

        return canvas.Picture;
    }

    private void Draw(PixelCanvas canvas, AnsweredScene scene, int y)
    {
        IEnumerable<(string Name, RgbImage Picture)> pictures =
        [
            ($"{scene.Style}: image", PillowResize.Bilinear(scene.Image, _cell.Width, _cell.Height)),
            ("labels", Coloured(scene.Truth)),
            .. scene.Answers.Select(answer => (string.Create(CultureInfo.InvariantCulture,
                $"{ArmWords.Name(answer.Arm)}: {StylePictures.Right(scene.Truth, answer.Labels):0}%"), Coloured(answer.Labels))),
        ];
        foreach ((int column, (string name, RgbImage picture)) in pictures.Index())
        {
            int x = column * (_cell.Width + Gap);
            canvas.Write(name, x, y + Gap, Letters);
            canvas.Put(picture, x, y + Line);
        }
    }

    private RgbImage Coloured(LabelMap map) => LabelPainter.Colours(NearestResize.Pillow(map, _cell.Width, _cell.Height), ClassSet.Cityscapes.Colours);

    private static CloudsException Missing(MethodFolder folder, string style, ILookup<string, AnsweredScene> scenes) => new(
        Failure.BadInput, "the run has kept no picture of a style", folder.Pictures, style,
        scenes.Count == 0 ? "a run with pictures" : string.Join(", ", scenes.Select(kept => kept.Key)), "choose another style, or make the run again");
}
