using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Training.Augmentation;
using Clouds.Training.SelfTraining;
using Clouds.Training.SourceTraining;

namespace Clouds.Tests.Training.SelfTraining;

/// <summary>What teacher and student see of generated images (method.md section 3.4).</summary>
[Kind(TestKind.Fast)]
public sealed class JointStreamTests
{
    /// <summary>The student's augmentation in HRDA.</summary>
    internal static readonly GeneratedConfig Hrda = new() { Colour = false, ClassMix = true, JitterProbability = 0.8, BlurProbability = 0.5 };

    private const int Images = JointTrainingTests.Images, Steps = 12;

    private static readonly GeneratedConfig Mixed = new() { Colour = false, ClassMix = true };

    private static readonly SourceTrainingConfig Config = JointTrainingTests.Config;

    // The draws of the reference code's way are these and no others, whatever else could be asked for.
    [Fact]
    public void Make_Defaults_DrawsFlipAndColourFromTheImagesOwnStream()
    {
        JointStream stream = Stream(new GeneratedConfig());
        MixedOrder order = Order();
        foreach (int position in Enumerable.Range(0, Steps * Images).Where(position => order[position] >= 6))
        {
            RandomStream random = new((ulong)Config.Seed, "augment jointly", position / Images, position % Images);
            RgbImage image = new ColouredBoxes(5, 2).LoadImage(order[position] - 6);
            RgbImage clean = random.NextBoolean() ? Flip.Horizontal(image) : image;
            JointSample sample = stream.Make(position);
            Assert.Equal(clean.Pixels, sample.Clean!.Pixels);
            Assert.Equal(SsdColour.Apply(clean, new SsdColourConfig(), random).Pixels, sample.Student.Pixels);
            Assert.Null(sample.Pasted);
        }
    }

    [Fact]
    public void Make_ClassMix_PastesHalfOfTheClassesOfASourceImageOfTheStep()
    {
        JointStream stream = Stream(Mixed);
        MixedOrder order = Order();
        int mixed = 0;
        for (int step = 0; step < Steps; step++)
        {
            int[] places = [.. Enumerable.Range(step * Images, Images)];
            JointSample[] sources = [.. places.Where(place => order[place] < 6).Select(place => stream.Make(place))];
            foreach ((int i, int place) in places.Where(place => order[place] >= 6).Index())
            {
                JointSample sample = stream.Make(place);
                Assert.Equal(sources.Length > 0, sample.Pasted is not null);
                mixed += sources.Length > 0 ? Pasted(sample, sources[i % sources.Length]) : 0;
            }
        }

        Assert.InRange(mixed, Steps, Steps * Images);
    }

    [Fact]
    public void Make_AsHrdaDoes_ShowsTheTeacherTheCleanImage()
    {
        (JointStream plain, JointStream hrda) = (Stream(new GeneratedConfig()), Stream(Hrda));
        JointSample[] mixed = [.. Enumerable.Range(0, Steps * Images).Select(i => hrda.Make(i))];
        Assert.All(mixed.Index(), pair => Assert.Equal(plain.Make(pair.Index).Clean?.Pixels, pair.Item.Clean?.Pixels));
        JointSample[] generated = [.. mixed.Where(sample => sample.Clean is not null)];
        Assert.All(generated, sample => Assert.Null(sample.Labels));
        Assert.InRange(generated.Count(sample => !sample.Clean!.Pixels.SequenceEqual(sample.Student.Pixels)), generated.Length * 3 / 4, generated.Length);
    }

    // What ranks, resumed runs and workers ask for.
    [Fact]
    public void Make_PositionsInAnyOrderOnSeveralThreads_GivesTheSameSamples()
    {
        JointStream one = Stream(Hrda), other = Stream(Hrda);
        JointSample[] forward = [.. Enumerable.Range(0, Steps * Images).Select(i => one.Make(i))];
        JointSample[] backward = new JointSample[forward.Length];
        Parallel.For(0, forward.Length, i => backward[^(i + 1)] = other.Make(forward.Length - 1 - i));
        Assert.All(forward.Zip(backward), pair =>
        {
            Assert.Equal(pair.First.Student.Pixels, pair.Second.Student.Pixels);
            Assert.Equal(pair.First.Labels?.Ids, pair.Second.Labels?.Ids);
            Assert.Equal(pair.First.Pasted?.Ids, pair.Second.Pasted?.Ids);
        });
    }

    // A generated image is used whole: it does not grow by what is pasted.
    [Fact]
    public void Make_GeneratedImageSmallerThanTheCrop_IsPastedOverWhereItIs()
    {
        JointStream stream = new(new ColouredBoxes(6, 1), new ColouredBoxes(5, 2, 40, 24), Config, Self(Mixed));
        JointSample[] mixed = [.. Enumerable.Range(0, Steps * Images).Select(i => stream.Make(i)).Where(sample => sample.Pasted is not null)];
        Assert.NotEmpty(mixed);
        Assert.All(mixed, sample => Assert.Equal((40, 24), (sample.Student.Width, sample.Student.Height)));
        Assert.All(mixed, sample => Assert.All(sample.Pasted!.Ids.Index(), pixel => Assert.True(
            pixel.Item == LabelMap.Ignore || (pixel.Index % sample.Pasted.Width < 40 && pixel.Index / sample.Pasted.Width < 24))));
    }

    private static int Pasted(JointSample sample, JointSample source)
    {
        ushort[] classes = [.. source.Labels!.Ids.Where(id => id != LabelMap.Ignore).Distinct()];
        ushort[] taken = [.. sample.Pasted!.Ids.Where(id => id != LabelMap.Ignore).Distinct()];
        Assert.Equal((classes.Length + 1) / 2, taken.Length);
        for (int i = 0; i < source.Labels.Ids.Length; i++)
        {
            bool pasted = taken.Contains(source.Labels.Ids[i]);
            Assert.Equal(pasted ? source.Labels.Ids[i] : LabelMap.Ignore, sample.Pasted.Ids[i]);
            Assert.Equal((pasted ? source.Student : sample.Clean!).Pixels.AsSpan(3 * i, 3), sample.Student.Pixels.AsSpan(3 * i, 3));
        }

        return 1;
    }

    private static SelfTrainingConfig Self(GeneratedConfig generated) =>
        new() { Mix = new() { Mode = MixMode.FixedShare, Share = 0.5 }, Generated = generated };

    private static MixedOrder Order() => new(6, 5, Self(new()).Mix, (ulong)Config.Seed);

    private static JointStream Stream(GeneratedConfig generated) => new(new ColouredBoxes(6, 1), new ColouredBoxes(5, 2), Config, Self(generated));
}
