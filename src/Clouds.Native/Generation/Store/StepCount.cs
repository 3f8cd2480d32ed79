using Clouds.Diagnostics;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Images;

namespace Clouds.Native.Generation.Store;

/// <summary>Counts the steps of all images that are to be painted, so that the time to go can be told before the first of them is done.</summary>
/// <param name="stage">What reports call it.</param>
/// <param name="images">Images.</param>
/// <param name="steps">Steps of each as it was asked for; whoever takes more or fewer tells of shares of them.</param>
/// <param name="progress">Told of them.</param>
internal sealed class StepCount(string stage, int images, int steps, IProgress<ProgressReport> progress)
{
    private int _done;

    /// <summary>What a painter reports to while it paints some of them together.</summary>
    /// <param name="together">So many.</param>
    /// <param name="preview">Given the previews of the first of them; null: nobody is.</param>
    public IProgress<PaintProgress> Of(int together, Action<RgbImage>? preview) => new Batch(this, new double[together], preview);

    /// <summary>Counts images as done.</summary>
    public void Finish(int together)
    {
        _done += together;
        Report(0);
    }

    private void Report(double more) => progress.Report(new ProgressReport(
        stage, (long)Math.Round((_done + more) * steps), (long)images * steps, new Dictionary<string, double> { ["images"] = _done }));

    private sealed class Batch(StepCount all, double[] shares, Action<RgbImage>? preview) : IProgress<PaintProgress>
    {
        public void Report(PaintProgress value)
        {
            shares[value.Image] = value.Steps == 0 ? 0 : (double)value.Step / value.Steps;
            if (value is { Image: 0, Preview: RgbImage picture })
            {
                preview?.Invoke(picture);
            }

            all.Report(shares.Sum());
        }
    }
}
