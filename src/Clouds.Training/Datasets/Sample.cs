using Clouds.Native.Images;

namespace Clouds.Training.Datasets;

/// <summary>One labelled image.</summary>
/// <param name="Image">The image.</param>
/// <param name="Labels">Train ids of the same size: 0 .. number of classes - 1, 255 = ignore.</param>
/// <param name="Name">Unique in the data set; a relative path without ending where it comes from a folder.</param>
public sealed record Sample(RgbImage Image, LabelMap Labels, string Name);
