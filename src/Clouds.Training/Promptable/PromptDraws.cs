using Clouds.Graph.Randomness;
using Clouds.Models.Sam;
using Clouds.Training.Datasets;

namespace Clouds.Training.Promptable;

/// <summary>
/// Draws prompts for masks (Kirillov et al. 2023, appendix A): a box whose corners are a little off, or a point inside, then further points. Places are
/// pixels of the image. All of it is a function of the mask and the stream.
/// </summary>
/// <param name="config">Shares and numbers.</param>
/// <param name="width">Columns of the image.</param>
/// <param name="height">Rows of the image.</param>
internal sealed class PromptDraws(SamTrainingConfig config, int width, int height)
{
    // Where a mask leaves hardly a pixel outside, a point inside takes the place of one outside.
    private const int Tries = 16;

    /// <summary>Draws a prompt.</summary>
    /// <param name="mask">What it means.</param>
    /// <param name="random">Stream.</param>
    /// <param name="places">(x, y) of each token, overwritten; the box's corners are the last two.</param>
    /// <param name="labels">Label of each token, overwritten.</param>
    /// <returns>Whether it leaves no doubt.</returns>
    public bool Draw(ImageMask mask, RandomStream random, Span<float> places, Span<long> labels)
    {
        places.Clear();
        labels.Fill(PromptEncoder.Padding);
        bool box = random.NextBoolean(config.BoxShare);
        int points = box ? random.NextInt32(config.Points + 1) : 1 + random.NextInt32(config.Points);
        for (int point = 0; point < points; point++)
        {
            bool outside = (box || point > 0) && random.NextBoolean(config.OutsideShare);
            (int X, int Y)? elsewhere = outside ? Outside(mask, random) : null;
            (places[2 * point], places[(2 * point) + 1]) = elsewhere ?? mask.PixelAt(random.NextInt32(mask.Area));
            labels[point] = elsewhere is null ? PromptEncoder.Foreground : PromptEncoder.Background;
        }

        if (box)
        {
            DrawBox(mask, random, places[(2 * config.Points)..]);
            (labels[config.Points], labels[config.Points + 1]) = (PromptEncoder.UpperLeft, PromptEncoder.LowerRight);
        }

        return points + (box ? 1 : 0) > 1;
    }

    private (int X, int Y)? Outside(ImageMask mask, RandomStream random)
    {
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            (int x, int y) = (random.NextInt32(width), random.NextInt32(height));
            if (!mask.Contains(x, y))
            {
                return (x, y);
            }
        }

        return null;
    }

    private void DrawBox(ImageMask mask, RandomStream random, Span<float> corners)
    {
        float Moved(int place, int side, int extent)
        {
            double error = Math.Clamp(random.NextNormal() * config.BoxNoise * side, -config.MostBoxNoise, config.MostBoxNoise);
            return (float)Math.Clamp(place + error, 0, extent - 1);
        }

        (float left, float top) = (Moved(mask.X, mask.Width, width), Moved(mask.Y, mask.Height, height));
        (float right, float bottom) = (Moved(mask.X + mask.Width - 1, mask.Width, width), Moved(mask.Y + mask.Height - 1, mask.Height, height));
        (corners[0], corners[1]) = (Math.Min(left, right), Math.Min(top, bottom));
        (corners[2], corners[3]) = (Math.Max(left, right), Math.Max(top, bottom));
    }
}
