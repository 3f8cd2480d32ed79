using Clouds.Diagnostics;
using Clouds.Graph.Settings;

namespace Clouds.Training.Augmentation;

/// <summary>Where a crop lies.</summary>
public enum CropOffset
{
    /// <summary>One draw for both axes, so that crops lie on a diagonal. Reference code.</summary>
    Shared,

    /// <summary>One draw for each axis. The natural reading of the paper's "random crop".</summary>
    Independent,
}

/// <summary>What is put to the right of and below an image that is smaller than its crop; it is ignored by the loss.</summary>
public enum CropPadding
{
    /// <summary>Black pixels, which flips and colours change like any others. Reference code.</summary>
    Black,

    /// <summary>Zeros after normalisation, as networks see the padding of test images.</summary>
    Zero,
}

/// <summary>Augmentation of source images (paper section 4.1; method.md section 7), applied in the order of the properties.</summary>
public sealed record AugmentationConfig
{
    /// <summary>Smallest scale s, above 0. Paper section 4.1: 0.5.</summary>
    [Setting(Min = 0.01, Max = 100, Source = "paper section 4.1: 0.5")]
    public double ScaleLow { get; init; } = 0.5;

    /// <summary>Largest scale s, at least <see cref="ScaleLow"/>. Paper section 4.1: 2.0.</summary>
    [Setting(Min = 0.01, Max = 100, Source = "paper section 4.1: 2.0")]
    public double ScaleHigh { get; init; } = 2.0;

    /// <summary>
    /// Width in pixels of the frame that s multiplies; the image fills as much of s times the frame as its shape allows.
    /// 0: <see cref="FrameShortSide"/> counts. Reference code: GTA 1914, SYNTHIA 1280, Cityscapes 2048.
    /// </summary>
    [Setting(Unit = "pixels", Min = 0, Source = "reference code: GTA 1914, SYNTHIA 1280, Cityscapes 2048")]
    public int FrameWidth { get; init; }

    /// <summary>Height in pixels of the same frame, 0 together with the width. Reference code: GTA 1052, SYNTHIA 760, Cityscapes 1024.</summary>
    [Setting(Unit = "pixels", Min = 0, Source = "reference code: GTA 1052, SYNTHIA 760, Cityscapes 1024")]
    public int FrameHeight { get; init; }

    /// <summary>
    /// Where width and height of the frame are 0: its short side in pixels; it has the image's shape, and is as large as test images of this short side
    /// (method.md section 6.4). 0: the image's own size.
    /// </summary>
    [Setting(Unit = "pixels", Min = 0, Source = "ours; training.testShortSide here trains at the scale of tests")]
    public int FrameShortSide { get; init; }

    /// <summary>Width of the crop in pixels; smaller images are padded on the right. Paper section 4.1: 768.</summary>
    [Setting(Unit = "pixels", Min = 32, Source = "paper section 4.1: 768")]
    public int CropWidth { get; init; } = 768;

    /// <summary>Height of the crop in pixels; smaller images are padded at the bottom. Paper section 4.1: 768.</summary>
    [Setting(Unit = "pixels", Min = 32, Source = "paper section 4.1: 768")]
    public int CropHeight { get; init; } = 768;

    /// <summary>What surrounds images that are smaller than the crop. Reference code: black.</summary>
    [Setting(Source = "reference code: black")]
    public CropPadding Padding { get; init; } = CropPadding.Black;

    /// <summary>Where the crop lies. Paper: "random crop"; reference code: one draw for both axes.</summary>
    [Setting(Source = "reference code: one draw for both axes")]
    public CropOffset CropOffset { get; init; } = CropOffset.Shared;

    /// <summary>
    /// Largest share of one class among a crop's labelled pixels, in (0, 1]; crops above it are drawn again, up to 10 times.
    /// Reference code: 1, off. HRDA: 0.75.
    /// </summary>
    [Setting(Min = 0, Max = 1, Source = "reference code: 1, off")]
    public double LargestClassShare { get; init; } = 1.0;

    /// <summary>Whether the SSD colour distortion is applied. Paper: "color jittering"; reference code: on.</summary>
    [Setting(Source = "paper section 4.1; reference code: on")]
    public bool Colour { get; init; } = true;

    /// <summary>Its strengths.</summary>
    public SsdColourConfig ColourStrength { get; init; } = new();

    /// <summary>Probability of a horizontal flip, 0..1. Reference code: 0.5.</summary>
    [Setting(Min = 0, Max = 1, Source = "reference code: 0.5")]
    public double FlipProbability { get; init; } = 0.5;

    /// <summary>Refuses values outside their ranges.</summary>
    /// <exception cref="CloudsException">Usage, naming the key.</exception>
    public void Validate()
    {
        Require(ScaleLow > 0 && ScaleHigh >= ScaleLow && ScaleHigh <= 100, "scaleLow, scaleHigh",
            $"{ScaleLow}, {ScaleHigh}", "0 < scaleLow <= scaleHigh <= 100");
        Require(FrameWidth >= 0 && FrameHeight >= 0 && (FrameWidth == 0) == (FrameHeight == 0),
            "frameWidth, frameHeight", $"{FrameWidth}, {FrameHeight}", "both 0 or both in pixels");
        Require(CropWidth > 0 && CropHeight > 0, "cropWidth, cropHeight", $"{CropWidth}, {CropHeight}", "at least 1 pixel each");
        Require(LargestClassShare is > 0 and <= 1, "largestClassShare", $"{LargestClassShare}", "above 0, at most 1");
        Require(ColourStrength.IsValid, "colourStrength", $"{ColourStrength}", "brightness 0 to 255, 0 <= low <= high, hue 0 to 179");
        Require(FlipProbability is >= 0 and <= 1, "flipProbability", $"{FlipProbability}", "0 to 1");
    }

    private static void Require(bool holds, string key, string found, string expected)
    {
        if (!holds)
        {
            throw new CloudsException(Failure.Usage, "an augmentation setting is out of range", key, found, expected, "correct the configuration");
        }
    }
}

/// <summary>Strengths of the SSD colour distortion (method.md section 7.3).</summary>
public sealed record SsdColourConfig
{
    /// <summary>Largest brightness shift, in steps of 0..255. Reference code: 32.</summary>
    [Setting(Unit = "steps of 0..255", Min = 0, Max = 255, Source = "reference code: 32")]
    public double Brightness { get; init; } = 32;

    /// <summary>Smallest factor of contrast. Reference code: 0.5.</summary>
    [Setting(Min = 0, Source = "reference code: 0.5")]
    public double ContrastLow { get; init; } = 0.5;

    /// <summary>Largest factor of contrast. Reference code: 1.5.</summary>
    [Setting(Min = 0, Source = "reference code: 1.5")]
    public double ContrastHigh { get; init; } = 1.5;

    /// <summary>Smallest factor of saturation. Reference code: 0.5.</summary>
    [Setting(Min = 0, Source = "reference code: 0.5")]
    public double SaturationLow { get; init; } = 0.5;

    /// <summary>Largest factor of saturation. Reference code: 1.5.</summary>
    [Setting(Min = 0, Source = "reference code: 1.5")]
    public double SaturationHigh { get; init; } = 1.5;

    /// <summary>Largest turn of the hue, in steps of two degrees, 0..179. Reference code: 18.</summary>
    [Setting(Unit = "steps of two degrees", Min = 0, Max = 179, Source = "reference code: 18")]
    public int Hue { get; init; } = 18;

    /// <summary>Whether every value is in its range.</summary>
    internal bool IsValid => Brightness is >= 0 and <= 255
        && ContrastLow >= 0 && ContrastHigh >= ContrastLow && double.IsFinite(ContrastHigh)
        && SaturationLow >= 0 && SaturationHigh >= SaturationLow && double.IsFinite(SaturationHigh)
        && Hue is >= 0 and < OpenCvHsv.HueSteps;
}
