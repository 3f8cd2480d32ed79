using Clouds.Cli.Commands;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Kernels;

namespace Clouds.Cli.Reports;

/// <summary>What an x-ray shows: an image, the label map it had, and how that was refined. Masks have to be kept.</summary>
internal sealed class XrayScene
{
    /// <param name="title">What the image is called.</param>
    /// <param name="image">The image.</param>
    /// <param name="before">Its train ids before.</param>
    /// <param name="result">What came of them.</param>
    /// <param name="options">How.</param>
    /// <param name="classes">Names and colours.</param>
    public XrayScene(string title, RgbImage image, LabelMap before, RefinementResult result, RefinementOptions options, ClassSet classes)
    {
        (Title, Image, Before, Result, Options, Classes) = (title, image, before, result, options, classes);
        Colours = RefineClasses.Colours(classes);
        Kept = [.. result.Components.Where(component => component.Fate != ComponentFate.TooSmall)];
        Dropped = [.. result.Components.Where(component => component.Fate == ComponentFate.TooSmall)];
        ComponentOf = Components();
    }

    public string Title { get; }

    public RgbImage Image { get; }

    public LabelMap Before { get; }

    public RefinementResult Result { get; }

    public RefinementOptions Options { get; }

    public ClassSet Classes { get; }

    /// <summary>A colour for each train id.</summary>
    public IReadOnlyList<RgbColour> Colours { get; }

    /// <summary>Components above the threshold.</summary>
    public IReadOnlyList<RefinedComponent> Kept { get; }

    /// <summary>The others, as far as they are listed.</summary>
    public IReadOnlyList<RefinedComponent> Dropped { get; }

    /// <summary>Number of the component that each pixel belongs to if it is one of the <see cref="Kept"/>; −2 for others, −1 where there is no label.</summary>
    public IReadOnlyList<int> ComponentOf { get; }

    public string NameOf(int id) => RefineClasses.Name(Classes, id);

    private int[] Components()
    {
        byte[] map = Array.ConvertAll(Before.Ids, id => (byte)id);
        int[] labels = new int[map.Length];
        using ConnectedComponents components = new();
        Connectivity connectivity = Options.Connectivity == Neighbours.Eight ? Connectivity.Eight : Connectivity.Four;
        Dictionary<int, int> numbers = Kept.ToDictionary(component => component.FirstPixel, component => component.Number);
        ReadOnlySpan<Component> table = components.Run(map, Before.Height, Before.Width, new ComponentRule(connectivity), labels);
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = labels[i] < 0 ? -1 : numbers.GetValueOrDefault(table[labels[i]].FirstPixel, -2);
        }

        return labels;
    }
}
