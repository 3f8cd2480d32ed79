using Clouds.Native.Images;

namespace Clouds.Training.Diffusion;

/// <summary>Images as Stable Diffusion's autoencoder sees them: planes R, G, B in -1..1.</summary>
internal static class SignedColours
{
    private static readonly Normalisation Scale = new([127.5, 127.5, 127.5], [127.5, 127.5, 127.5]);

    /// <summary>As <see cref="Normalisation.Write"/>.</summary>
    public static void Write(RgbImage image, Span<float> planes, int width, int height) => Scale.Write(image, planes, width, height);
}
