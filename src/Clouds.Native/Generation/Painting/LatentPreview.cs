using Clouds.Native.Images;

namespace Clouds.Native.Generation.Painting;

/// <summary>A small image of latents without decoding them: a pixel a cell, by a linear fit of Stable Diffusion's decoder.</summary>
internal static class LatentPreview
{
    // Fitted on decoded images by users of Stable Diffusion 1.4 ("Decoding latents to RGB without upscaling", Hugging Face forum, 2022); rows are channels.
    private static readonly double[,] Colours =
    {
        { 0.298, 0.207, 0.208 }, { 0.187, 0.286, 0.173 }, { -0.158, 0.189, 0.264 }, { -0.184, -0.271, -0.473 },
    };

    /// <summary>The preview.</summary>
    /// <param name="latents">[c, h, w]; channels behind the fourth are left out.</param>
    /// <param name="height">h.</param>
    /// <param name="width">w.</param>
    public static RgbImage Of(ReadOnlySpan<float> latents, int height, int width)
    {
        (int cells, RgbImage image) = (height * width, new RgbImage(width, height));
        int channels = Math.Min(latents.Length / cells, Colours.GetLength(0));
        for (int i = 0; i < 3 * cells; i++)
        {
            double value = 0;
            for (int channel = 0; channel < channels; channel++)
            {
                value += Colours[channel, i % 3] * latents[(channel * cells) + (i / 3)];
            }

            image.Pixels[i] = (byte)Math.Clamp(255 * ((value + 1) / 2), 0, 255);
        }

        return image;
    }
}
