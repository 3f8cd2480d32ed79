using System.Text;
using System.Text.Json;
using Clouds.Cli.Console;
using Clouds.Graph.Files;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Native.Segmentation;

namespace Clouds.Cli.Commands;

/// <summary>Pixels of a class before and after.</summary>
internal sealed record RefinedClass(int Id, string Name, long Before, long After);

/// <summary>A component as the JSON file has it: box as x, y, width, height; points as x, y; pixels.</summary>
internal sealed record RefinedRow(
    int Number, int Class, int Area, IReadOnlyList<int> Box, string Fate, IReadOnlyList<IReadOnlyList<int>> Points, IReadOnlyList<float> Scores,
    int Chosen, int MaskClass, int MaskArea, int Conflicts);

/// <summary>What is written about a refined image, last of its files.</summary>
/// <param name="Image">Its file.</param>
/// <param name="Labels">The given label map's file.</param>
/// <param name="Key">Stands for both files' contents, the network's and the settings.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Seconds">Time of refining it.</param>
/// <param name="IsUnrefined">Whether nothing could be prompted and the map was left as it is.</param>
/// <param name="Conflicts">Pixels on which masks clash.</param>
/// <param name="UnlabelledBefore">Pixels without a label.</param>
/// <param name="UnlabelledAfter">Likewise, afterwards.</param>
/// <param name="Classes">Classes that occur before or after.</param>
/// <param name="Components">All of them.</param>
internal sealed record RefineRecord(
    string Image, string Labels, string Key, int Width, int Height, double Seconds, bool IsUnrefined, int Conflicts, long UnlabelledBefore,
    long UnlabelledAfter, IReadOnlyList<RefinedClass> Classes, IReadOnlyList<RefinedRow> Components)
{
    private static readonly JsonSerializerOptions Reading = new(JsonSerializerDefaults.Web);

    public static RefineRecord Of(RefineJob job, string key, LabelMap before, RefinementResult result, double seconds, ClassSet classes)
    {
        long[] old = Counts(before);
        long[] now = Counts(result.Map);
        return new RefineRecord(job.Image, job.Labels, key, before.Width, before.Height, Math.Round(seconds, 4), result.IsUnrefined, result.Conflicts,
            old[LabelMap.Ignore], now[LabelMap.Ignore],
            [.. Enumerable.Range(0, LabelMap.Ignore).Where(id => old[id] + now[id] > 0)
                .Select(id => new RefinedClass(id, RefineClasses.Name(classes, id), old[id], now[id]))],
            [.. result.Components.Select(Row)]);
    }

    /// <summary>The record in a file, or null where there is none that can be read.</summary>
    public static RefineRecord? TryRead(string file)
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<RefineRecord>(File.ReadAllBytes(file), Reading) : null;
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            // Somebody else's file of this name: the image counts as not done.
            return null;
        }
    }

    public void Write(string file) => AtomicFile.WriteAllBytes(file, Encoding.UTF8.GetBytes(JsonText.Line(this)));

    private static RefinedRow Row(RefinedComponent component) => new(
        component.Number, component.Class, component.Area, [component.X, component.Y, component.Width, component.Height], FateName(component.Fate),
        [.. component.Points.Select(point => new[] { point.X, point.Y })], component.Scores, component.Chosen, component.MaskClass, component.MaskArea,
        component.Conflicts);

    private static string FateName(ComponentFate fate) => JsonNamingPolicy.CamelCase.ConvertName(fate.ToString());

    private static long[] Counts(LabelMap map)
    {
        long[] counts = new long[LabelMap.Ignore + 1];
        foreach (ushort id in map.Ids)
        {
            counts[id]++;
        }

        return counts;
    }
}

/// <summary>Names and colours of train ids, also of those that the class list lacks.</summary>
internal static class RefineClasses
{
    public static string Name(ClassSet classes, int id) => id < classes.Count ? classes.Names[id] : $"class {id}";

    /// <summary>A colour for each id below 255.</summary>
    public static RgbColour[] Colours(ClassSet classes) =>
        [.. Enumerable.Range(0, LabelMap.Ignore).Select(id => id < classes.Count ? classes.Colours[id] : Colour(id))];

    /// <summary>Steps of the golden ratio around the colour circle: neighbours are far apart.</summary>
    public static RgbColour Colour(int id)
    {
        double hue = id * 0.618034 % 1 * 6;
        byte Channel(double shift) => (byte)(255 * (0.25 + (0.7 * Math.Clamp(Math.Abs(((hue + shift) % 6) - 3) - 1, 0, 1))));
        return new RgbColour(Channel(0), Channel(4), Channel(2));
    }
}
