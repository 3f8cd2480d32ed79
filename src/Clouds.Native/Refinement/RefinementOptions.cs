using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Graph.Settings;
using Clouds.Runtime.Kernels;

namespace Clouds.Native.Refinement;

/// <summary>Where a component's points are drawn.</summary>
public enum PointSelection
{
    /// <summary>Anywhere in the component, all of its pixels equally likely.</summary>
    Random,

    /// <summary>
    /// Among the pixels nearer than 10 pixels to the centre of mass of the component's largest part, which erosion may have cut; a component needs more
    /// of them than points are drawn.
    /// </summary>
    Center,
}

/// <summary>What becomes of pixels that several masks cover.</summary>
public enum OverlapRule
{
    /// <summary>They lose their label, also between two masks of one class (the released code).</summary>
    All,

    /// <summary>They lose it where the masks' classes differ (the paper's text).</summary>
    CrossClass,

    /// <summary>They stay in the masks of all their classes; the label map has no label where these are several.</summary>
    Keep,
}

/// <summary>Which pixels of a class touch.</summary>
public enum Neighbours
{
    /// <summary>Left, right, above, below.</summary>
    Four = 4,

    /// <summary>The diagonals too.</summary>
    Eight = 8,
}

/// <summary>How label maps are refined (paper section 3.3, method.md section 4.1). <see cref="PseudoLabelRefiner"/> checks all of it.</summary>
public sealed record RefinementOptions
{
    /// <summary>Most points a component.</summary>
    public const int MostPoints = 1024;

    private const int MostPrompts = 4096;
    private const int WidestErosion = 255;

    /// <summary>Components of this many pixels or fewer are dropped.</summary>
    [Setting(Unit = "pixels", Min = 0, Max = int.MaxValue, Source = "paper section 4.1 and the released code: 5,000 of an image of 768 x 768")]
    public int SizeThreshold { get; init; } = 5000;

    /// <summary>Points a component; one with fewer pixels gets no prompt.</summary>
    [Setting(Unit = "points", Min = 1, Max = MostPoints, Source = "paper section 4.1 and the released code")]
    public int Points { get; init; } = 5;

    /// <summary>Where they are drawn.</summary>
    [Setting(Source = "paper section 3.3 and the released code")]
    public PointSelection Selection { get; init; } = PointSelection.Random;

    /// <summary>Whether a window around each point has to lie inside the component (binary erosion).</summary>
    [Setting(Source = "the released code: off")]
    public bool Erosion { get; init; }

    /// <summary>Side of that window, odd.</summary>
    [Setting(Unit = "pixels", Min = 1, Max = WidestErosion, Source = "the released code")]
    public int ErosionSize { get; init; } = 3;

    /// <summary>Whether masks are asked for once more, with each prompt's best mask beside its points.</summary>
    [Setting(Source = "the released code: off")]
    public bool SecondPass { get; init; }

    /// <summary>What becomes of pixels that several masks cover.</summary>
    [Setting(Source = "the released code; the paper's text speaks of different classes only")]
    public OverlapRule Overlap { get; init; } = OverlapRule.All;

    /// <summary>Which pixels of a class touch.</summary>
    [Setting(Source = "the released code: the cross of its labelling")]
    public Neighbours Connectivity { get; init; } = Neighbours.Four;

    /// <summary>Whether a class whose masks have lost all their pixels is left out; otherwise it stays with an empty mask.</summary>
    [Setting(Source = "the released code: it stays")]
    public bool DropEmpty { get; init; }

    /// <summary>
    /// Whether masks go to classes as the released code hands them back: a component without points is counted all the same, so that from it on masks
    /// go to components before their own. Only to reproduce the paper's bar for threshold 0.
    /// </summary>
    [Setting(Source = "method.md section 8: off, a correct pairing")]
    public bool EmulateCountBug { get; init; }

    /// <summary>Prompts that are answered at once; bounds memory (0.8 MB each with Segment Anything), and changes no result.</summary>
    [Setting(Unit = "prompts", Min = 1, Max = MostPrompts, Source = "our choice: 50 MB of masks")]
    public int PromptsAtOnce { get; init; } = 64;

    /// <summary>Whether the record lists dropped components too.</summary>
    [Setting(Source = "our choice")]
    public bool ListDropped { get; init; } = true;

    internal ComponentRule Rule => new(
        Connectivity == Neighbours.Eight ? Runtime.Kernels.Connectivity.Eight : Runtime.Kernels.Connectivity.Four, SizeThreshold);

    internal int Window => Erosion ? ErosionSize : 1;

    internal MaskOverlap MaskOverlap => Overlap switch
    {
        OverlapRule.All => MaskOverlap.Any,
        OverlapRule.CrossClass => MaskOverlap.DifferentClass,
        _ => MaskOverlap.Keep,
    };

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="CloudsException">Usage, naming the member.</exception>
    internal void Require()
    {
        Require(SizeThreshold >= 0, nameof(SizeThreshold), SizeThreshold, "0 or more pixels");
        Require(Points is >= 1 and <= MostPoints, nameof(Points), Points, $"1..{MostPoints} points");
        Require(ErosionSize is >= 1 and <= WidestErosion && ErosionSize % 2 == 1, nameof(ErosionSize), ErosionSize,
            $"an odd number of pixels, 1..{WidestErosion}");
        Require(PromptsAtOnce is >= 1 and <= MostPrompts, nameof(PromptsAtOnce), PromptsAtOnce, $"1..{MostPrompts} prompts");
        Require(Enum.IsDefined(Selection), nameof(Selection), Selection, string.Join(", ", Enum.GetNames<PointSelection>()));
        Require(Enum.IsDefined(Overlap), nameof(Overlap), Overlap, string.Join(", ", Enum.GetNames<OverlapRule>()));
        Require(Enum.IsDefined(Connectivity), nameof(Connectivity), Connectivity, string.Join(", ", Enum.GetNames<Neighbours>()));
    }

    private static void Require(bool condition, string member, object found, string expected)
    {
        if (!condition)
        {
            throw new CloudsException(Failure.Usage, "an option is out of range", $"{nameof(RefinementOptions)}.{member}",
                string.Create(CultureInfo.InvariantCulture, $"{found}"), expected, "correct the option");
        }
    }
}
