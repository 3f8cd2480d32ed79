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
/// <param name="Pasted">Train ids of the crop's size where the student sees a source image in the generated one, 255 elsewhere; null: nowhere.</param>
internal sealed record JointSample(RgbImage Student, LabelMap? Labels, RgbImage? Clean, LabelMap? Pasted = null);

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
    public JointSample Make(long position) => IsGenerated(position) ? Generated(position) : Source(position);

    private bool IsGenerated(long position) => _order[position] >= source.Count;

    private RandomStream Draws(string purpose, long position)
    {
        (long step, long image) = Math.DivRem(position, config.Batch);
        return new RandomStream((ulong)config.Seed, purpose, step, (int)image);
    }

    private JointSample Source(long position)
    {
        Sample sample = source.Load(_order[position]);
        (RgbImage image, LabelMap labels) = _augmenter.Apply(sample.Image, sample.Labels, Draws("augment jointly", position));
        return new JointSample(image, labels, null);
    }

    // Teacher, refinement and student see the same places; the student in other colours, and in part another image.
    private JointSample Generated(long position)
    {
        RandomStream random = Draws("augment jointly", position);
        int index = _order[position] - source.Count;
        RgbImage image = Whole(generated.LoadImage(index), index, random);
        RgbImage clean = random.NextBoolean(self.Generated.FlipProbability) ? Flip.Horizontal(image) : image;
        RgbImage student = self.Generated.Colour ? SsdColour.Apply(clean, config.Augmentation.ColourStrength, random) : clean;
        JointSample mixed = Mixed(new JointSample(student, null, clean), position);
        return mixed with { Student = Blurred(Jittered(mixed.Student, random), random) };
    }

    // The source image is made a second time: that of the batch may be another process's, and nobody waits for anybody.
    private JointSample Mixed(JointSample sample, long position)
    {
        if (!self.Generated.ClassMix || SourceBeside(position) is not long beside)
        {
            return sample;
        }

        JointSample other = Source(beside);
        LabelMap pasted = ClassMix.Choose(other.Labels!, sample.Student.Width, sample.Student.Height, Draws("mix classes", position));
        return sample with { Student = ClassMix.Paste(other.Student, pasted, sample.Student), Pasted = pasted };
    }

    // DACS and HRDA: the first of one domain with the first of the other, and so on; here a step may have fewer of one, or none.
    private long? SourceBeside(long position)
    {
        long first = position - (position % config.Batch);
        long[] sources = [.. Enumerable.Range(0, config.Batch).Select(i => first + i).Where(at => !IsGenerated(at))];
        long generatedBefore = position - first - sources.Count(at => at < position);
        return sources.Length == 0 ? null : sources[generatedBefore % sources.Length];
    }

    private RgbImage Jittered(RgbImage image, RandomStream random) =>
        self.Generated.JitterProbability > 0 && random.NextBoolean(self.Generated.JitterProbability)
            ? ColourJitter.Apply(image, self.Generated.JitterStrength, random)
            : image;

    private RgbImage Blurred(RgbImage image, RandomStream random) =>
        self.Generated.BlurProbability > 0 && random.NextBoolean(self.Generated.BlurProbability)
            ? GaussianBlur.Apply(image, random.NextDouble(LeastBlur, MostBlur))
            : image;

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
