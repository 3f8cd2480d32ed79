using Clouds.Graph.Building;

namespace Clouds.Models.Encoders;

/// <summary>One feature map of an encoder.</summary>
/// <param name="Name">The reference code's name, "res2" to "res5"; also the port through which a decoder that runs apart gets it.</param>
/// <param name="Stride">Input pixels a cell, in each direction.</param>
/// <param name="Channels">Its channels.</param>
public sealed record FeatureLevel(string Name, int Stride, int Channels);

/// <summary>
/// What is subtracted from and divided through each colour channel, R, G, B, on the scale 0..255, before an encoder sees it (method.md section 1.1).
/// </summary>
/// <param name="Mean">Three numbers.</param>
/// <param name="Deviation">Three numbers.</param>
public sealed record ColourStatistics(IReadOnlyList<double> Mean, IReadOnlyList<double> Deviation)
{
    /// <summary>OpenAI CLIP's, which OpenCLIP's ConvNeXt-L shares.</summary>
    public static ColourStatistics Clip { get; } = new([122.7709383, 116.7460125, 104.09373615], [68.5005327, 66.6321579, 70.32316305]);

    /// <summary>ImageNet's, as torchvision, SegFormer and Mask2Former have them.</summary>
    public static ColourStatistics ImageNet { get; } = new([123.675, 116.28, 103.53], [58.395, 57.12, 57.375]);
}

/// <summary>
/// An image encoder as everything else sees it: nobody asks which one it is (method.md section 1.2). A new encoder is a config record derived from
/// <see cref="EncoderConfig"/>, a class that implements this, and a row in <see cref="EncoderConfig"/>'s list of kinds.
/// </summary>
public interface IEncoder
{
    /// <summary>First part of every parameter's name in a CLOUDS checkpoint, without the dot (method.md section 1.9).</summary>
    string Scope { get; }

    /// <summary>The feature maps, fine to coarse: four, of strides 4, 8, 16 and 32.</summary>
    IReadOnlyList<FeatureLevel> Levels { get; }

    /// <summary>How its images are normalised.</summary>
    ColourStatistics Colours { get; }

    /// <summary>Whether gradients reach its parameters. A frozen encoder runs in a graph of its own, and its weights stay in their file.</summary>
    bool Trainable { get; }

    /// <summary>Builds the network in the graph's present scope.</summary>
    /// <param name="g">Graph.</param>
    /// <param name="image">[N, 3, H, W], normalised; H and W multiples of the coarsest stride.</param>
    /// <returns>[N, Channels, H/Stride, W/Stride] of each of <see cref="Levels"/>.</returns>
    Pyramid Build(GraphBuilder g, Value image);
}
