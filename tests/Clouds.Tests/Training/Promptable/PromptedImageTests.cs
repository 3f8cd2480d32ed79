using Clouds.Graph.Randomness;
using Clouds.Models.Sam;
using Clouds.Native.Images;
using Clouds.Tests.Native.Sam;
using Clouds.Training.Datasets;
using Clouds.Training.Promptable;

namespace Clouds.Tests.Training.Promptable;

[Kind(TestKind.Fast)]
public sealed class PromptedImageTests
{
    private const int Side = 24;

    private static readonly SamTrainingConfig Config = new() { Network = TinySam.Config, Prompts = 7, Points = 3 };

    [Fact]
    public void Prompts_OfTheSameStream_AreTheSameAndOfAnotherOthers()
    {
        MaskedImage image = new PaintedBoxes().Load(0);
        PromptedImage one = new(image, Config, new RandomStream(1, "prompts", 4, 2));
        PromptedImage same = new(image, Config, new RandomStream(1, "prompts", 4, 2));
        PromptedImage other = new(image, Config, new RandomStream(1, "prompts", 4, 3));
        Assert.Equal(one.Places, same.Places);
        Assert.Equal(one.Labels, same.Labels);
        Assert.NotEqual(one.Places, other.Places);
    }

    [Theory]
    [InlineData(40, 28)]
    [InlineData(28, 40)]
    [InlineData(48, 48)]
    [InlineData(130, 33)]
    public void Points_OfEveryPrompt_LieInItsMaskOrAreToldToLieOutside(int width, int height)
    {
        SamTrainingConfig config = Config with { OutsideShare = 0.5, Prompts = 40 };
        MaskedImage image = new PaintedBoxes(width: width, height: height).Load(1);
        PromptedImage prompted = new(image, config, new RandomStream(3, "prompts"));
        float scale = (float)Math.Max(width, height) / 48;
        HashSet<long> seen = [];
        for (int prompt = 0; prompt < config.Prompts; prompt++)
        {
            byte[] target = prompted.Masks[(prompt * Side * Side)..((prompt + 1) * Side * Side)];
            ImageMask mask = Assert.Single(image.Masks, mask => Raster(mask, width, height).SequenceEqual(target));
            int tokens = 0;
            for (int token = 0; token < 5; token++)
            {
                long label = prompted.Labels[(prompt * 5) + token];
                (float x, float y) = (prompted.Places[2 * ((prompt * 5) + token)], prompted.Places[(2 * ((prompt * 5) + token)) + 1]);
                Assert.Equal(token > 2, label is PromptEncoder.UpperLeft or PromptEncoder.LowerRight || (token > 2 && label == PromptEncoder.Padding));
                if (label is PromptEncoder.Foreground or PromptEncoder.Background)
                {
                    Assert.Equal(label == PromptEncoder.Foreground, mask.Contains((int)MathF.Round(x * scale), (int)MathF.Round(y * scale)));
                }

                tokens += label is PromptEncoder.Foreground or PromptEncoder.Background or PromptEncoder.LowerRight ? 1 : 0;
                seen.Add(label);
            }

            Assert.InRange(tokens, 1, 4);
            Assert.Equal(tokens > 1 ? 1 : 0, prompted.Clear[prompt]);
        }

        Assert.Equal([-1L, 0, 1, 2, 3], seen.Order());
    }

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(0.5, 0.8)]
    [InlineData(1, 16.0 / 17)]
    public void FirstMask_OfTwo_IsTheLargerOneAsOftenAsThePowerSays(double power, double share)
    {
        SamTrainingConfig config = Config with { AreaPower = power, Prompts = 1 };
        MaskedImage image = new(new RgbImage(48, 48), [Square(0, 4), Square(16, 16)]);
        int larger = Enumerable.Range(0, 2000)
            .Count(i => new PromptedImage(image, config, new RandomStream(5, "prompts", i)).Masks.Count(cell => cell != 0) > 16);
        Assert.Equal(share, larger / 2000.0, 0.04);

        static ImageMask Square(int place, int side) => new(place, place, side, [.. Enumerable.Repeat(true, side * side)]);
    }

    [Fact]
    public void Boxes_WithoutNoise_AreThoseOfTheirMasks()
    {
        SamTrainingConfig config = Config with { BoxShare = 1, BoxNoise = 0, Prompts = 3 };
        MaskedImage image = new PaintedBoxes(width: 48, height: 48).Load(2);
        PromptedImage prompted = new(image, config, new RandomStream(3, "prompts"));
        IEnumerable<string> found = Enumerable.Range(0, 3).Select(i => string.Join(' ', prompted.Places[((i * 10) + 6)..((i * 10) + 10)]));
        Assert.Equal(image.Masks.Select(mask => $"{mask.X} {mask.Y} {mask.X + mask.Width - 1} {mask.Y + mask.Height - 1}").Order(), found.Order());
    }

    [Fact]
    public void Boxes_WithNoise_AreOffByAtMostTheBoundAndStayInTheImage()
    {
        SamTrainingConfig config = Config with { BoxShare = 1, BoxNoise = 0.3, MostBoxNoise = 4, Prompts = 60 };
        MaskedImage image = new(new RgbImage(48, 48), [new ImageMask(2, 20, 20, [.. Enumerable.Repeat(true, 200)])]);
        PromptedImage prompted = new(image, config, new RandomStream(3, "prompts"));
        float[][] boxes = [.. Enumerable.Range(0, 60).Select(i => prompted.Places[((i * 10) + 6)..((i * 10) + 10)])];
        Assert.All(boxes, box =>
        {
            Assert.InRange(box[0], 0, 6);
            Assert.InRange(box[1], 16, 24);
            Assert.InRange(box[2], 17, 25);
            Assert.InRange(box[3], 25, 33);
        });
        Assert.True(boxes.Select(box => box[1]).Distinct().Count() > 20);
    }

    [Fact]
    public void Inside_OfAnImageThatIsNoSquare_LeavesOutWhatFillsUpTheFrame()
    {
        PromptedImage prompted = new(new PaintedBoxes(width: 40, height: 20).Load(0), Config, new RandomStream(1, "prompts"));
        Assert.Equal((48, 24), (prompted.Image.Width, prompted.Image.Height));
        Assert.Equal(Enumerable.Range(0, Side * Side).Select(cell => (byte)(cell / Side < 12 ? 1 : 0)), prompted.Inside);
        Assert.All(prompted.Masks.Select((covered, i) => (covered, i)), cell => Assert.True(cell.covered == 0 || cell.i % (Side * Side) / Side < 12));
    }

    [Fact]
    public void Prompts_OfAnImageWithoutMasks_AreNone()
    {
        PromptedImage prompted = new(new MaskedImage(new RgbImage(9, 9), []), Config, new RandomStream(1, "prompts"));
        Assert.False(prompted.HasPrompts);
    }

    [Fact]
    public void Prompts_OfAMaskTooSmallToBeSeen_AreNone()
    {
        MaskedImage image = new(new RgbImage(400, 400), [new ImageMask(3, 3, 1, [true])]);
        Assert.False(new PromptedImage(image, Config, new RandomStream(1, "prompts")).HasPrompts);
    }

    // What lies under the centre of each cell, worked out by the definition of the frame.
    private static IEnumerable<byte> Raster(ImageMask mask, int width, int height) => Enumerable.Range(0, Side * Side).Select(cell =>
    {
        double scale = 48.0 / Math.Max(width, height);
        (int across, int down) = ((int)((width * scale) + 0.5), (int)((height * scale) + 0.5));
        (double x, double y) = (((cell % Side) + 0.5) * 2 * width / across, ((cell / Side) + 0.5) * 2 * height / down);
        return (byte)(mask.Contains((int)x, (int)y) ? 1 : 0);
    });
}
