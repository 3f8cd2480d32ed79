namespace Clouds.Native.Images;

/// <summary>A rectangle of whole pixels; it may reach beyond the image it is taken from.</summary>
/// <param name="X">Left column.</param>
/// <param name="Y">Top row.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
public readonly record struct PixelWindow(int X, int Y, int Width, int Height)
{
    /// <summary>The part of the window that lies on an image of the given size; empty sides are 0.</summary>
    public PixelWindow On(int width, int height)
    {
        int left = Math.Clamp(X, 0, width);
        int top = Math.Clamp(Y, 0, height);
        int right = Math.Clamp(X + Width, left, width);
        int bottom = Math.Clamp(Y + Height, top, height);
        return new PixelWindow(left, top, right - left, bottom - top);
    }
}
