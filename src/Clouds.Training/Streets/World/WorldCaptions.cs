using Clouds.Graph.Randomness;
using Clouds.Native.Images;

namespace Clouds.Training.Streets.World;

/// <summary>
/// Captions of the form that the paper asks its language model for (section 3.2), "a photo of X in Z": X names one to three classes that can be seen, Z two to
/// four of light, weather, season and place, so that it says which picture is meant.
/// </summary>
public static class WorldCaptions
{
    /// <summary>Share of the picture from which on a caption may name a thing.</summary>
    public const double ThingShare = 0.008;

    /// <summary>Share of the picture from which on it may name what is not counted: road, building, sky.</summary>
    public const double StuffShare = 0.04;

    private const int Classes = 19;

    // Others begin as the prompts that the paper's authors released do (method.md section 5.1).
    private static readonly string[] Openings = ["a photo of", "a photo of", "a photo of", "a photo of", "a picture of", "a snapshot of"];

    /// <summary>A caption of a scene; the same for the same arguments.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="variant">Which of its captions, from 0.</param>
    public static string Of(WorldScene scene, int variant)
    {
        RandomStream random = new(scene.Seed, $"world/caption/{scene.Style.Name}", scene.Index, variant);
        return Sentence(Openings[random.NextInt32(Openings.Length)], Visible(scene.Labels), scene.Setting, random);
    }

    /// <summary>Train ids that captions of a picture may name: things that can be made out, else the largest of what is not counted.</summary>
    public static IReadOnlyList<int> Visible(LabelMap labels)
    {
        int[] pixels = new int[Classes];
        foreach (ushort id in labels.Ids.Where(id => id < Classes))
        {
            pixels[id]++;
        }

        int[] visible = [.. Enumerable.Range(0, Classes).Where(id => pixels[id] >= (IsThing(id) ? ThingShare : StuffShare) * labels.Ids.Length)];
        return visible.Length > 0 ? visible : [Array.IndexOf(pixels, pixels.Max())];
    }

    /// <summary>Whether a caption holds of a picture: what it names can be made out there, and what it tells of the setting is so.</summary>
    /// <param name="caption">A caption of any scene.</param>
    /// <param name="visible">As <see cref="Visible"/> has them.</param>
    /// <param name="setting">The picture's setting.</param>
    public static bool Holds(string caption, IReadOnlyList<int> visible, WorldSetting setting)
    {
        int context = caption.IndexOf(" in ", StringComparison.Ordinal);
        (string subject, string told) = (Words(caption[..context]), Words(caption[context..]));
        return Enumerable.Range(0, Classes).All(id => visible.Contains(id) || !WorldWords.Class(id).Any(word => subject.Contains(Words(word))))
            && IsSo(told, setting.Light, WorldWords.Light) && IsSo(told, setting.Weather, WorldWords.Weather)
            && IsSo(told, setting.Season, WorldWords.Season) && IsSo(told, setting.Place, WorldWords.Place);
    }

    // No other value is told; "in neon light at night" tells nothing of the night.
    private static bool IsSo<T>(string told, T own, Func<T, WorldPhrase> phrase)
        where T : struct, Enum
    {
        string rest = told.Replace(Words(phrase(own).Behind), " ", StringComparison.Ordinal);
        return Enum.GetValues<T>().Where(value => !value.Equals(own)).Select(phrase)
            .All(other => !rest.Contains(Words(other.Behind)) && !rest.Contains(Words($"in {other.First}")));
    }

    private static string Words(string text) => $" {text.Replace(",", "", StringComparison.Ordinal).Trim()} ";

    /// <summary>A sentence about some of the classes and of the setting.</summary>
    /// <param name="opening">Its first words.</param>
    /// <param name="classes">Train ids, at least one.</param>
    /// <param name="setting">The setting.</param>
    /// <param name="random">Decides what it tells.</param>
    internal static string Sentence(string opening, IReadOnlyList<int> classes, WorldSetting setting, RandomStream random)
    {
        // Things are named before what stands behind them in nine of ten captions.
        bool tellsThings = random.NextBoolean(0.9);
        int[] order = [.. random.NextPermutation(classes.Count).Select(i => classes[i]).OrderByDescending(id => tellsThings && IsThing(id))];
        return Describe(opening, order[..(1 + random.NextInt32(Math.Min(3, order.Length)))], setting, fewest: 2, random);
    }

    /// <summary>A sentence that names all of the classes.</summary>
    /// <param name="opening">Its first words.</param>
    /// <param name="classes">Train ids in their order, at least one.</param>
    /// <param name="setting">The setting.</param>
    /// <param name="fewest">Of light, weather, season and place it tells so many, or one or two more: 1 or 2.</param>
    /// <param name="random">Decides what they are called and what it tells of the setting.</param>
    internal static string Describe(string opening, IReadOnlyList<int> classes, WorldSetting setting, int fewest, RandomStream random)
    {
        string[] named = [.. classes.Select(id => Pick(WorldWords.Class(id), random))];
        string subject = named.Length == 1 ? named[0] : $"{string.Join(", ", named[..^1])} and {named[^1]}";
        return $"{opening} {subject} in {Context(setting, fewest, random)}";
    }

    private static string Context(WorldSetting setting, int fewest, RandomStream random)
    {
        WorldPhrase[] phrases =
        [
            WorldWords.Light(setting.Light), WorldWords.Weather(setting.Weather), WorldWords.Season(setting.Season), WorldWords.Place(setting.Place),
        ];
        int[] order = random.NextPermutation(phrases.Length)[..(fewest + random.NextInt32(3))];
        return string.Join(' ', order.Skip(1).Select(i => phrases[i].Behind).Prepend(phrases[order[0]].First));
    }

    /// <summary>Traffic lights and signs, people and vehicles.</summary>
    internal static bool IsThing(int trainId) => (StreetClass)trainId is StreetClass.TrafficLight or StreetClass.TrafficSign or >= StreetClass.Person;

    private static string Pick(IReadOnlyList<string> words, RandomStream random) => words[random.NextInt32(words.Count)];
}
