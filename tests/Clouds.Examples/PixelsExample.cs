using Clouds.Native.Images;

namespace Clouds.Examples;

/// <summary>docs/embedding.md: pixels as the reference's data loaders see them, for a session of the embedder's own.</summary>
public static class PixelsExample
{
    /// <summary>An image and its labels at test size, the image as network input [3, H, W].</summary>
    public static (float[] Input, LabelMap Labels) Run(string imagePath, string labelPath)
    {
        // example: pixels
        Normalisation normalisation = new(mean: [122.77, 116.75, 104.09], deviation: [68.50, 66.63, 70.32]);
        RgbImage image = ImageFile.Read(imagePath);
        LabelMap labels = LabelPng.Read(labelPath);

        (int width, int height) = TestTimeResize.Size(image.Width, image.Height, shortSide: 256);
        RgbImage seen = PillowResize.Bilinear(image, width, height);
        LabelMap truth = NearestResize.Pillow(labels, width, height);

        int columns = TestTimeResize.Padded(width), rows = TestTimeResize.Padded(height);
        float[] input = new float[3 * rows * columns];
        normalisation.Write(seen, input, columns, rows);
        // end of example
        return (input, truth);
    }
}
