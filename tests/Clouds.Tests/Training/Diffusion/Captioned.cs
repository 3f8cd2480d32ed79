using Clouds.Native.Images;
using Clouds.Tests.Training.Contrastive;
using Clouds.Training.Datasets;

namespace Clouds.Tests.Training.Diffusion;

/// <summary>Coloured pictures with other captions.</summary>
internal sealed class Captioned(Func<int, string> caption) : ICaptionedImages
{
    private readonly ColouredPictures _pictures = new(height: 8);

    public string Name => "captioned";

    public int Count => _pictures.Count;

    public string Caption(int index) => caption(index);

    public RgbImage LoadImage(int index) => _pictures.LoadImage(index);
}
