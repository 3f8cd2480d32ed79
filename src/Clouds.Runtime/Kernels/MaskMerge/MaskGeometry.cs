namespace Clouds.Runtime.Kernels;

/// <summary>
/// How Segment Anything's mask logits become masks of an image: enlarged to the frame of the network, cropped to the part without padding,
/// resized to the output. All in pixels.
/// </summary>
/// <param name="MaskHeight">Rows of the logits (SAM: 256).</param>
/// <param name="MaskWidth">Columns of the logits (SAM: 256).</param>
/// <param name="FrameHeight">Rows of the frame (SAM: 1024).</param>
/// <param name="FrameWidth">Columns of the frame (SAM: 1024).</param>
/// <param name="InputHeight">Rows of the resized image inside the frame, from the top.</param>
/// <param name="InputWidth">Columns of the resized image inside the frame, from the left.</param>
/// <param name="OutputHeight">Rows of the image.</param>
/// <param name="OutputWidth">Columns of the image.</param>
public sealed record MaskGeometry(
    int MaskHeight, int MaskWidth, int FrameHeight, int FrameWidth, int InputHeight, int InputWidth, int OutputHeight, int OutputWidth)
{
    /// <summary>Pixels of the output.</summary>
    public int Pixels => OutputHeight * OutputWidth;

    /// <summary>Logits of one mask.</summary>
    public int MaskPixels => MaskHeight * MaskWidth;

    /// <summary>SAM's sizes: logits of 256 x 256 in a frame of 1024 x 1024.</summary>
    public static MaskGeometry Sam(int inputHeight, int inputWidth, int outputHeight, int outputWidth)
        => new(256, 256, 1024, 1024, inputHeight, inputWidth, outputHeight, outputWidth);

    /// <summary>Sizes for an image whose longest side fills the frame; halves round up, and no side is less than 1 (Segment Anything's rule).</summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="frame">Side of the frame.</param>
    /// <param name="mask">Side of the logits.</param>
    public static MaskGeometry Of(int height, int width, int frame, int mask)
    {
        double scale = (double)frame / Math.Max(height, width);
        int Side(int side) => Math.Max(1, (int)((side * scale) + 0.5));
        return new MaskGeometry(mask, mask, frame, frame, Side(height), Side(width), height, width);
    }

    /// <summary>Throws where a size is not positive or the input does not fit the frame.</summary>
    internal void Check()
    {
        if (Math.Min(Math.Min(MaskHeight, MaskWidth), Math.Min(OutputHeight, OutputWidth)) < 1
            || InputHeight < 1 || InputWidth < 1 || InputHeight > FrameHeight || InputWidth > FrameWidth)
        {
            throw new ArgumentException($"mask merge: sizes do not fit together: {this}");
        }
    }
}

/// <summary>Which pixels lose their class because masks disagree.</summary>
public enum MaskOverlap
{
    /// <summary>Those of two masks or more, of one class too (the reference code).</summary>
    Any,

    /// <summary>Those of masks of different classes (the paper's text).</summary>
    DifferentClass,

    /// <summary>The same, but the bitmaps of all classes concerned keep the pixel.</summary>
    Keep,
}
