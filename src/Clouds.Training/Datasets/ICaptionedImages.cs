namespace Clouds.Training.Datasets;

/// <summary>A set whose images have captions: what contrastive and diffusion trainings learn from.</summary>
public interface ICaptionedImages : IImageSet
{
    /// <summary>What an image shows, in words, without loading it; the same each time.</summary>
    /// <param name="index">0 .. <see cref="IImageSet.Count"/> - 1.</param>
    string Caption(int index);
}
