using Clouds.Diagnostics;
using Clouds.Native.Images;

namespace Clouds.Native.Segmentation;

/// <summary>The classes that a network tells apart; a class's train id is its position. 255 is no class: ignored.</summary>
public sealed class ClassSet
{
    /// <summary>Most classes possible: 255 is taken, and 254 is kept free.</summary>
    public const int MaximumCount = 254;

    /// <summary>Makes a set.</summary>
    /// <param name="names">1 to 254 different names.</param>
    /// <param name="colours">One colour a class.</param>
    /// <exception cref="CloudsException">Usage: no class, too many, a name twice or empty, or another number of colours.</exception>
    public ClassSet(IReadOnlyList<string> names, IReadOnlyList<RgbColour> colours)
    {
        if (names.Count is 0 or > MaximumCount || colours.Count != names.Count)
        {
            throw new CloudsException(Failure.Usage, "the class list is not usable", null, $"{names.Count} names, {colours.Count} colours",
                $"1 to {MaximumCount} names and as many colours", "correct the class list");
        }

        string? wrong = names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1 || string.IsNullOrWhiteSpace(group.Key))?.Key;
        if (wrong is not null)
        {
            throw new CloudsException(Failure.Usage, "a class name is empty or used twice", null, $"\"{wrong}\"", "different names", "correct the class list");
        }

        Names = [.. names];
        Colours = [.. colours];
    }

    /// <summary>The 19 classes of Cityscapes (method.md section 6.2), with the official colours.</summary>
    public static ClassSet Cityscapes { get; } = new(
        [
            "road", "sidewalk", "building", "wall", "fence", "pole", "traffic light", "traffic sign", "vegetation", "terrain",
            "sky", "person", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle",
        ],
        [
            new(128, 64, 128), new(244, 35, 232), new(70, 70, 70), new(102, 102, 156), new(190, 153, 153),
            new(153, 153, 153), new(250, 170, 30), new(220, 220, 0), new(107, 142, 35), new(152, 251, 152),
            new(70, 130, 180), new(220, 20, 60), new(255, 0, 0), new(0, 0, 142), new(0, 0, 70),
            new(0, 60, 100), new(0, 80, 100), new(0, 0, 230), new(119, 11, 32),
        ]);

    /// <summary>Train ids, as positions in <see cref="Cityscapes"/>, that SYNTHIA has: its usual score is their mean (method.md section 6.3).</summary>
    public static IReadOnlyList<int> Synthia16 { get; } = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 15, 17, 18];

    /// <summary>Number of classes, 1..254.</summary>
    public int Count => Names.Count;

    /// <summary>Name of each class.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Colour of each class in pictures and palettes.</summary>
    public IReadOnlyList<RgbColour> Colours { get; }
}
