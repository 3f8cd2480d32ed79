using Clouds.Diagnostics;
using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Training.Augmentation;
using Clouds.Training.SourceTraining;

namespace Clouds.Tests.Training.Augmentation;

[Kind(TestKind.Fast)]
public sealed class AugmenterTests
{
    private static readonly AugmentationConfig Geometry = new() { CropWidth = 64, CropHeight = 48, Colour = false, FlipProbability = 0 };

    [Fact]
    public void Defaults_AreThePapers()
    {
        AugmentationConfig config = new();

        Assert.Equal((0.5, 2.0, 768, 768, 0.5), (config.ScaleLow, config.ScaleHigh, config.CropWidth, config.CropHeight, config.FlipProbability));
        Assert.Equal((CropOffset.Shared, 1.0, true, 18), (config.CropOffset, config.LargestClassShare, config.Colour, config.ColourStrength.Hue));
    }

    [Theory]
    [InlineData(1914, 1052, 1.0, 1914, 1052)]
    [InlineData(1914, 1046, 1.0, 1914, 1046)]
    [InlineData(1914, 1046, 0.5, 957, 523)]
    [InlineData(1000, 1000, 2.0, 2104, 2104)]
    [InlineData(957, 400, 2.0, 3828, 1600)]
    [InlineData(1914, 1052, 0.25, 478, 263)]
    public void ScaledSize_GtaFrame_FillsTheFrameAndRoundsHalvesToEven(int width, int height, double scale, int newWidth, int newHeight)
    {
        AugmentationConfig config = new() { FrameWidth = 1914, FrameHeight = 1052 };

        Assert.Equal((newWidth, newHeight), ScaledCrop.ScaledSize(width, height, scale, config));
    }

    [Fact]
    public void Apply_ManySeeds_EqualsScalingThenCropping()
    {
        RgbImage image = Pictures.Noise(90, 60);
        LabelMap labels = Pictures.Labels(90, 60, 19);
        Augmenter augmenter = new(Geometry with { CropOffset = CropOffset.Independent });
        for (int step = 0; step < 12; step++)
        {
            (RgbImage pixels, LabelMap ids) = augmenter.Apply(image, labels, new RandomStream(5, "augment", step));

            RandomStream random = new(5, "augment", step);
            double scale = random.NextDouble(0.5, 2.0);
            (int width, int height) = ((int)Math.Round(90 * scale), (int)Math.Round(60 * scale));
            double v = random.NextDouble();
            double u = random.NextDouble();
            (int x, int y) = ((int)Math.Round(u * Math.Max(width - 64, 0)), (int)Math.Round(v * Math.Max(height - 48, 0)));
            RgbImage scaled = PillowResize.Bilinear(image, width, height);
            LabelMap scaledIds = NearestResize.Torch(labels, width, height);
            AssertCrop(scaled, scaledIds, x, y, pixels, ids);
        }
    }

    [Fact]
    public void Apply_SmallImage_IsPaddedBlackAndIgnoredOnTheRightAndBottom()
    {
        RgbImage image = new(40, 30);
        Array.Fill(image.Pixels, (byte)200);
        Augmenter augmenter = new(Geometry with { ScaleLow = 1, ScaleHigh = 1 });

        (RgbImage pixels, LabelMap ids) = augmenter.Apply(image, Pictures.Plain(40, 30, 3), new RandomStream(1, "augment"));

        for (int i = 0; i < 64 * 48; i++)
        {
            bool inside = i % 64 < 40 && i / 64 < 30;
            Assert.Equal((inside ? 3 : 255, inside ? 200 : 0), (ids.Ids[i], pixels.Pixels[3 * i]));
        }
    }

    [Fact]
    public void DrawWindow_SharedOffset_LiesOnTheDiagonal()
    {
        RandomStream random = new(9, "window");
        AugmentationConfig config = Geometry with { CropWidth = 100, CropHeight = 100 };
        for (int i = 0; i < 50; i++)
        {
            PixelWindow window = ScaledCrop.DrawWindow(300, 200, config, random);

            Assert.InRange(window.X - (2 * window.Y), -1, 1);
            Assert.InRange(window.X, 0, 200);
        }
    }

    [Fact]
    public void Apply_LargestClassShare_DrawsAgain()
    {
        // The left nine tenths are one class: with the limit, crops are drawn until the other half shows up.
        LabelMap labels = Pictures.Plain(640, 48, 1);
        for (int i = 0; i < labels.Ids.Length; i++)
        {
            labels.Ids[i] = (ushort)(i % 640 < 480 ? 1 : i % 2);
        }

        AugmentationConfig config = Geometry with { ScaleLow = 1, ScaleHigh = 1, LargestClassShare = 0.75 };
        int plain = Enumerable.Range(0, 40).Count(step => Uniform(config with { LargestClassShare = 1 }, step));
        int limited = Enumerable.Range(0, 40).Count(step => Uniform(config, step));

        // About 73 % of single draws are uniform, and 0.73^10 = 4 % of ten.
        Assert.InRange(plain, 20, 38);
        Assert.InRange(limited, 0, 6);

        bool Uniform(AugmentationConfig settings, int step) =>
            new Augmenter(settings).Apply(new RgbImage(640, 48), labels, new RandomStream(2, "share", step)).Labels.Ids.Distinct().Count() == 1;
    }

    [Fact]
    public void Apply_Flip_MirrorsImageAndLabelsTogether()
    {
        RgbImage image = Pictures.Noise(64, 48);
        LabelMap labels = Pictures.Labels(64, 48, 19);
        AugmentationConfig still = Geometry with { ScaleLow = 1, ScaleHigh = 1, FlipProbability = 1 };

        (RgbImage pixels, LabelMap ids) = new Augmenter(still).Apply(image, labels, new RandomStream(1, "augment"));

        Assert.Equal(labels.Ids[5], ids.Ids[58]);
        Assert.Equal(image.Pixels[(3 * 5)..(3 * 6)], pixels.Pixels[(3 * 58)..(3 * 59)]);
        Assert.Equal(labels.Ids, Flip.Horizontal(ids).Ids);
        Assert.Equal(image.Pixels, Flip.Horizontal(pixels).Pixels);
    }

    [Fact]
    public void Augmenter_SettingOutOfRange_NamesTheKey()
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => new Augmenter(Geometry with { ScaleLow = 3 }));

        Assert.Equal((Failure.Usage, "scaleLow, scaleHigh"), (failure.Failure, failure.Where));
    }

    [Theory]
    [InlineData(1280, 720, 1820, 1024, 1824)]
    [InlineData(3264, 2448, 1365, 1024, 1376)]
    [InlineData(2048, 1024, 2048, 1024, 2048)]
    public void TestTimeResize_PaperSizes_AreCheck13(int width, int height, int newWidth, int newHeight, int padded)
    {
        Assert.Equal((newWidth, newHeight), TestTimeResize.Size(width, height));
        Assert.Equal(padded, TestTimeResize.Padded(newWidth));
    }

    [Theory]
    [InlineData(3, 2000, 3, 2048)]
    [InlineData(2000, 3, 2048, 3)]
    [InlineData(1, 1, 1024, 1024)]
    [InlineData(1, 100, 20, 2048)]
    [InlineData(20_000, 20, 2048, 2)]
    [InlineData(20_000, 3, 2048, 1)]
    public void TestTimeResize_LongImages_AreBoundedOnTheirLongSide(int width, int height, int newWidth, int newHeight)
    {
        Assert.Equal((newWidth, newHeight), TestTimeResize.Size(width, height));
        Assert.Equal((newWidth, newHeight), TestTimeResize.Size(newWidth, newHeight, Math.Min(newWidth, newHeight)));
    }

    [Theory]
    [InlineData(3, 2000, 1024, 0, 1024, 682_667)]
    [InlineData(3000, 1500, 1500, null, 3000, 1500)]
    [InlineData(4000, 1000, 1500, null, 3000, 750)]
    [InlineData(4000, 1000, 250, 800, 800, 200)]
    [InlineData(20_000, 20, 0, null, 20_000, 20)]
    [InlineData(20_000, 20, 0, 1000, 1000, 1)]
    public void TestTimeResize_OtherSides_AreTaken(int width, int height, int shortSide, int? longSide, int newWidth, int newHeight)
        => Assert.Equal((newWidth, newHeight), TestTimeResize.Size(width, height, shortSide, longSide));

    [Theory]
    [InlineData(960, 720, 320, 240)]
    [InlineData(400, 200, 480, 240)]
    [InlineData(200, 400, 240, 480)]
    [InlineData(10, 900, 23, 2048)]
    public void ScaledSize_FrameByItsShortSide_IsTheSizeOfTests(int width, int height, int newWidth, int newHeight)
    {
        Assert.Equal((newWidth, newHeight), ScaledCrop.ScaledSize(width, height, 1, SourceTrainingConfig.Small.Augmentation));
        Assert.Equal((newWidth, newHeight), TestTimeResize.Size(width, height, SourceTrainingConfig.Small.TestShortSide));
    }

    // What the network gets of a whole image in training is what it gets of it in tests, mirrored or not.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Apply_SmallPreset_PadsAsTestsDo(double flip)
    {
        AugmentationConfig small = SourceTrainingConfig.Small.Augmentation with { FlipProbability = flip };
        RgbImage image = Pictures.Noise(32, 24);
        (RgbImage pixels, LabelMap ids) = new Augmenter(small).Apply(image, Pictures.Labels(32, 24, 19), new RandomStream(1, "augment"));
        RgbImage seen = TestTimeResize.Apply(image, 240);
        Normalisation colours = new([100, 110, 120], [50, 60, 70]);
        float[] trained = new float[3 * 256 * 320], tested = new float[3 * 256 * 320];
        colours.Write(pixels, trained, 320, 256);
        colours.Write(flip == 0 ? seen : Flip.Horizontal(seen), tested, 320, 256);
        Assert.Equal(tested, trained);
        Assert.All(ids.Ids[(240 * 320)..], id => Assert.Equal(LabelMap.Ignore, id));
        Assert.DoesNotContain(LabelMap.Ignore, ids.Ids[..(240 * 320)]);
    }

    [Fact]
    public void Apply_NarrowImageWithZeroPadding_IgnoresTheRightSideWhetherMirroredOrNot()
    {
        AugmentationConfig zero = Geometry with { ScaleLow = 1, ScaleHigh = 1, Padding = CropPadding.Zero, FlipProbability = 1 };
        (RgbImage pixels, LabelMap ids) = new Augmenter(zero).Apply(new RgbImage(40, 60), new LabelMap(40, 60), new RandomStream(1, "augment"));
        Assert.Equal((40, 48), (pixels.Width, pixels.Height));
        Assert.Equal((64, 48), (ids.Width, ids.Height));
        Assert.All(Enumerable.Range(0, 64 * 48), i => Assert.Equal(i % 64 < 40 ? 0 : LabelMap.Ignore, ids.Ids[i]));
    }

    private static void AssertCrop(RgbImage scaled, LabelMap scaledIds, int x, int y, RgbImage pixels, LabelMap ids)
    {
        for (int i = 0; i < ids.Ids.Length; i++)
        {
            (int column, int row) = (x + (i % ids.Width), y + (i / ids.Width));
            bool inside = column < scaled.Width && row < scaled.Height;
            int from = (row * scaled.Width) + column;
            Assert.Equal(inside ? scaledIds.Ids[from] : LabelMap.Ignore, ids.Ids[i]);
            Assert.Equal(inside ? scaled.Pixels[3 * from] : 0, pixels.Pixels[3 * i]);
        }
    }
}
