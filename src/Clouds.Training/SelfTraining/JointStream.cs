using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Training.Augmentation;
using Clouds.Training.Datasets;
using Clouds.Training.SourceTraining;

namespace Clouds.Training.SelfTraining;

/// <summary>One image of a batch: a source image with its labels, or a generated one with what teacher and refinement look at.</summary>
/// <param name="Student">What the student sees.</param>
/// <param name="Labels">Train ids of the crop's size; null of a generated image.</param>
/// <param name="Clean">Null of a source image.</param>
internal sealed record JointSample(RgbImage Student, LabelMap? Labels, RgbImage? Clean);

/// <summary>
/// Images of both domains in the order of <see cref="MixedOrder"/>, augmented (method.md section 3.4). What a position holds is a function of
/// (seed, position).
/// </summary>
internal sealed class JointStream(IDataset source, IImageSet generated, SourceTrainingConfig config, SelfTrainingConfig self)
{
    // Standard deviations in pixels: HRDA, DAFormer.
    private const double LeastBlur = 0.15;
    private const double MostBlur = 1.15;

    private readonly MixedOrder _order = new(source.Count, generated.Count, self.Mix, (ulong)config.Seed);
    private readonly Augmenter _augmenter = new(config.Augmentation);

    /// <summary>The sample at a position: that of image i of step s is s times the images of a step, plus i. Safe to call from several threads.</summary>
    public JointSample Make(long position)
    {
        (long step, long image) = Math.DivRem(position, config.Batch);
        RandomStream random = new((ulong)config.Seed, "augment jointly", step, (int)image);
        int entry = _order[position];
        return entry < source.Count ? Source(source.Load(entry), random) : Generated(entry - source.Count, random);
    }

    private JointSample Source(Sample sample, RandomStream random)
    {
        (RgbImage image, LabelMap labels) = _augmenter.Apply(sample.Image, sample.Labels, random);
        return new JointSample(image, labels, null);
    }

    // Teacher, refinement and student see the same pixels at the same places.
    private JointSample Generated(int index, RandomStream random)
    {
        RgbImage image = Whole(generated.LoadImage(index), index, random);
        RgbImage clean = random.NextBoolean(self.Generated.FlipProbability) ? Flip.Horizontal(image) : image;
        RgbImage student = self.Generated.Colour ? SsdColour.Apply(clean, config.Augmentation.ColourStrength, random) : clean;
        bool blurs = self.Generated.BlurProbability > 0 && random.NextBoolean(self.Generated.BlurProbability);
        return new JointSample(blurs ? GaussianBlur.Apply(student, random.NextDouble(LeastBlur, MostBlur)) : student, null, clean);
    }

    private RgbImage Whole(RgbImage image, int index, RandomStream random)
    {
        if (self.Generated.ScaleAndCrop)
        {
            return ScaledCrop.Apply(image, new LabelMap(image.Width, image.Height), config.Augmentation with { LargestClassShare = 1 }, random).Image;
        }

        GeneratedSize.Require(image.Width, image.Height, generated.SampleName(index), config.Augmentation);
        return image;
    }
}
