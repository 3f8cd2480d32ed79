using Clouds.Native.Images;

namespace Clouds.Native.Segmentation;

/// <content>Several looks at one image.</content>
public sealed partial class Segmenter
{
    /// <summary>How it looks at images.</summary>
    public TestTimeViews Views => _options.Views;

    // One after the other, on the lane's thread; an answer is read before the next look.
    private IPendingAnswer LookAround(InferenceLane lane, RgbImage image, bool withScores, CancellationToken stop)
    {
        ViewScores scores = lane.Scores;
        scores.Begin(Classes.Count, image, _options.ThreadsOfSession);
        foreach (double scale in Views.Scales)
        {
            (int width, int height) = SeenSize(image.Width, image.Height, scale);
            RgbImage seen = PillowResize.Bilinear(image, width, height);
            scores.Add(seen, mirrored: false, Views, Look, stop);
            if (Views.Flip)
            {
                scores.Add(Mirrored(seen), mirrored: true, Views, Look, stop);
            }
        }

        return scores.Mean(withScores, stop);

        IPendingAnswer Look(RgbImage part, int height, int width)
        {
            stop.ThrowIfCancellationRequested();
            (int fitWidth, int fitHeight) = _model.Fit(part.Width, part.Height);
            (int paddedWidth, int paddedHeight) = _model.Padded(fitWidth, fitHeight);
            IInference session = lane.Session(paddedHeight, paddedWidth, Open);
            return session.Start(PillowResize.Bilinear(part, fitWidth, fitHeight), height, width, withScores: true, stop);
        }
    }

    private static RgbImage Mirrored(RgbImage image)
    {
        RgbImage mirrored = new(image.Width, image.Height);
        for (int y = 0, to = 0; y < image.Height; y++)
        {
            for (int x = image.Width - 1; x >= 0; x--, to += 3)
            {
                image.Pixels.AsSpan(3 * ((y * image.Width) + x), 3).CopyTo(mirrored.Pixels.AsSpan(to));
            }
        }

        return mirrored;
    }
}
