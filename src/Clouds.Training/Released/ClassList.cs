using Clouds.Models.Clip;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Training.Released;

/// <summary>The classes that a checkpoint is to answer with: names and colours, and the names that a text classifier tries for each.</summary>
/// <param name="Classes">By train id.</param>
/// <param name="Synonyms">By train id the names of a class, its own first; at least one.</param>
public sealed record ClassList(ClassSet Classes, IReadOnlyList<IReadOnlyList<string>> Synonyms)
{
    /// <summary>The 19 classes of Cityscapes with FC-CLIP's synonyms (method.md section 1.6).</summary>
    public static ClassList Cityscapes { get; } = new(ClassSet.Cityscapes, [.. ClassSet.Cityscapes.Names.Select(ClassSynonyms.Of)]);

    /// <summary>Classes that nobody named: "class 0", "class 1", ..</summary>
    /// <param name="count">1 to 254.</param>
    public static ClassList Numbered(int count) => Named([.. Enumerable.Range(0, count).Select(id => (IReadOnlyList<string>)[$"class {id}"])]);

    /// <summary>Classes by their names: in Cityscapes' colours where all of them are Cityscapes', otherwise in those that PASCAL VOC gives numbers.</summary>
    /// <param name="names">By train id the names of a class, its own first. Of one with a single name that Cityscapes has, the synonyms are taken, too.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Usage: no class, too many, or a class's own name twice.</exception>
    public static ClassList Named(IReadOnlyList<IReadOnlyList<string>> names)
    {
        string[] own = [.. names.Select(synonyms => synonyms[0])];
        RgbColour[] colours = [.. own.Select((name, id) => ColourOf(name) ?? Colour(id))];
        bool known = own.All(name => ColourOf(name) is not null);
        return new ClassList(new ClassSet(own, known ? colours : [.. own.Select((_, id) => Colour(id))]), [.. names.Select(Completed)]);
    }

    /// <summary>Train ids of classes that share no name with any class of another list.</summary>
    public IReadOnlyList<int> Unseen(ClassList others)
    {
        HashSet<string> known = others.Synonyms.SelectMany(names => names).ToHashSet(StringComparer.Ordinal);
        return [.. Enumerable.Range(0, Synonyms.Count).Where(id => !Synonyms[id].Any(known.Contains))];
    }

    internal static IReadOnlyList<string> Completed(IReadOnlyList<string> names) => names.Count == 1 ? ClassSynonyms.Of(names[0]) : names;

    // The bits of the number, three at a time, become the upper bits of red, green and blue; 0 is black there.
    internal static RgbColour Colour(int id)
    {
        byte Channel(int channel) => (byte)Enumerable.Range(0, 3).Sum(bit => (((id + 1) >> ((3 * bit) + channel)) & 1) << (7 - bit));
        return new RgbColour(Channel(0), Channel(1), Channel(2));
    }

    private static RgbColour? ColourOf(string name)
    {
        int id = ClassSet.Cityscapes.Names.ToList().IndexOf(name);
        return id >= 0 ? ClassSet.Cityscapes.Colours[id] : null;
    }
}
