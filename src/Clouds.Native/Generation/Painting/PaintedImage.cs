using Clouds.Native.Images;

namespace Clouds.Native.Generation.Painting;

/// <summary>An image and what is to be said about it.</summary>
/// <param name="Image">The pixels; the caller's.</param>
/// <param name="Notes">What was not as asked.</param>
public sealed record PaintedImage(RgbImage Image, PaintNotes Notes);

/// <summary>What was not as asked when an image was painted.</summary>
/// <param name="PromptCut">The end of the prompt that the text encoder did not see, as its tokens spell it; null: it saw all.</param>
/// <param name="NegativePromptCut">The same of the negative prompt.</param>
/// <param name="DecodedAgain">Whether the image was no number in half precision, and was decoded a second time in single precision.</param>
public sealed record PaintNotes(string? PromptCut, string? NegativePromptCut, bool DecodedAgain);
