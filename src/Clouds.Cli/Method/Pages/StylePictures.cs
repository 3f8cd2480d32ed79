using System.Globalization;
using Clouds.Cli.Reports;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Streets.World;

namespace Clouds.Cli.Method.Pages;

/// <summary>A test scene with its labels and the answers of arms.</summary>
/// <param name="Style">Its style.</param>
/// <param name="Group">Who has seen the style.</param>
/// <param name="Image">The scene.</param>
/// <param name="Truth">Its labels.</param>
/// <param name="Answers">Arms in the paper's order.</param>
internal sealed record AnsweredScene(string Style, WorldGroup Group, RgbImage Image, LabelMap Truth, IReadOnlyList<(MethodArm Arm, LabelMap Labels)> Answers);

/// <summary>Test scenes as the run's folder has them, and the rows of pictures that they make: image, labels, source only, the whole method.</summary>
/// <param name="folder">The run.</param>
/// <param name="result">What it has found.</param>
/// <param name="shown">The arms whose answers are shown.</param>
internal sealed class StylePictures(MethodFolder folder, MethodResult result, IReadOnlyList<MethodArm> shown)
{
    private const int Quality = 88;

    private static ClassSet Classes => ClassSet.Cityscapes;

    /// <summary>The first scenes of every style, as many as were kept.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">BadInput: a picture is damaged.</exception>
    public IEnumerable<AnsweredScene> Scenes() => result.Tests.SelectMany(test => Enumerable.Range(0, result.Plan.Pictures)
        .Where(number => File.Exists(Name(test, number, ".png"))).Select(number => Read(test, number)));

    /// <summary>Adds the rows, each style's below its name.</summary>
    public void AddTo(HtmlReport page)
    {
        AnsweredScene[] scenes = [.. Scenes()];
        if (scenes.Length == 0)
        {
            page.AddNote("No pictures were kept in this run.");
            return;
        }

        page.AddText("The first test scenes of every style, not chosen: image, labels, answers.").AddLegend(Legend(scenes));
        foreach (IGrouping<string, AnsweredScene> style in scenes.GroupBy(scene => scene.Style))
        {
            page.AddSmallHeading($"{style.Key}: {Story(style.First().Group)}");
            style.ToList().ForEach(scene => page.AddImageRow(Row(scene)));
        }
    }

    /// <summary>Names and colours of the classes that occur.</summary>
    public static IReadOnlyList<(string Name, RgbColour Colour)> Legend(IEnumerable<AnsweredScene> scenes) =>
        [.. scenes.SelectMany(scene => scene.Answers.Select(answer => answer.Labels).Append(scene.Truth)).SelectMany(map => map.Ids).Distinct().Order()
            .Where(id => id < Classes.Count).Select(id => (Classes.Names[id], Classes.Colours[id]))];

    /// <summary>Who has seen a style.</summary>
    public static string Story(WorldGroup group) => group switch
    {
        WorldGroup.Source => "the labelled source",
        WorldGroup.Seen => "group A, seen by the foundation models alone",
        WorldGroup.Unseen => "group B, seen by nobody",
        _ => throw new ArgumentOutOfRangeException(nameof(group)),
    };

    /// <summary>Percent of the labelled pixels that an answer has right.</summary>
    public static double Right(LabelMap truth, LabelMap answer)
    {
        int[] counted = [.. truth.Ids.Index().Where(pixel => pixel.Item != LabelMap.Ignore).Select(pixel => pixel.Index)];
        return 100.0 * counted.Count(i => truth.Ids[i] == answer.Ids[i]) / Math.Max(1, counted.Length);
    }

    private static ReportImage[] Row(AnsweredScene scene) =>
    [
        new(ImageFile.EncodeJpeg(scene.Image, Quality), $"{scene.Style}, image"),
        new(Coloured(scene.Truth), "labels"),
        .. scene.Answers.Select(answer => new ReportImage(Coloured(answer.Labels), string.Create(
            CultureInfo.InvariantCulture, $"{ArmWords.Name(answer.Arm)}: {Right(scene.Truth, answer.Labels):0} % of the pixels right"))),
    ];

    private static byte[] Coloured(LabelMap map) => LabelPng.EncodePalette(map, Classes.Colours);

    private AnsweredScene Read(MethodTest test, int number) => new(test.Name, test.Group, ImageFile.Read(Name(test, number, ".png")),
        LabelPng.Read(Name(test, number, ".truth.png")), [.. shown.Select(arm => (Arm: arm, File: Name(test, number, $".{MethodFolder.Name(arm)}.png")))
            .Where(answer => File.Exists(answer.File)).Select(answer => (answer.Arm, LabelPng.Read(answer.File)))]);

    private string Name(MethodTest test, int number, string ending) =>
        Path.Combine(folder.Pictures, string.Create(CultureInfo.InvariantCulture, $"{test.Name}-{number}{ending}"));
}
