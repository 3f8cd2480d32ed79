using Clouds.Native.Images;
using Clouds.Runtime.Kernels;
using Clouds.Training.Datasets;

namespace Clouds.Training.Promptable;

/// <summary>
/// A labelled set as images with masks: the connected components of its label maps, of whatever class. Pixels without a label belong to none.
/// </summary>
/// <param name="data">The labelled set.</param>
/// <param name="rule">What counts as a component; null: 4-connected, more than 16 pixels.</param>
public sealed class ComponentMasks(IDataset data, ComponentRule? rule = null) : IMaskedImages
{
    private static readonly ComponentRule Usual = new(LargerThan: 16);

    /// <summary>A set's own masks where it has some, else the components of its labels.</summary>
    public static IMaskedImages Of(IDataset data) => data as IMaskedImages ?? new ComponentMasks(data);

    /// <inheritdoc/>
    public string Name => data.Name;

    /// <inheritdoc/>
    public int Count => data.Count;

    /// <inheritdoc/>
    public string SampleName(int index) => data.SampleName(index);

    /// <inheritdoc/>
    public MaskedImage Load(int index)
    {
        Sample sample = data.Load(index);
        LabelMap map = sample.Labels;
        byte[] classes = Array.ConvertAll(map.Ids, id => checked((byte)id));
        int[] labels = new int[classes.Length];
        using ConnectedComponents components = new();
        Component[] table = components.Run(classes, map.Height, map.Width, rule ?? Usual, labels, threads: 1).ToArray();
        return new MaskedImage(sample.Image, [.. table.Select((component, number) => MaskOf(component, number, labels, map.Width))]);
    }

    private static ImageMask MaskOf(Component component, int number, int[] labels, int width)
    {
        bool[] inside = new bool[component.Width * component.Height];
        for (int i = 0; i < inside.Length; i++)
        {
            inside[i] = labels[((component.Y0 + (i / component.Width)) * width) + component.X0 + (i % component.Width)] == number;
        }

        return new ImageMask(component.X0, component.Y0, component.Width, inside);
    }
}
