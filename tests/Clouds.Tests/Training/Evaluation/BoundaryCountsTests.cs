using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Evaluation;

namespace Clouds.Tests.Training.Evaluation;

[Kind(TestKind.Fast)]
public sealed class BoundaryCountsTests
{
    private static readonly ClassSet Three = new(["road", "sky", "car"], [default, default, default]);

    [Theory]
    [InlineData(2048, 1024, 46)]
    [InlineData(1820, 1024, 42)]
    [InlineData(6, 4, 1)]
    public void Distance_Image_IsTwoPercentOfItsDiagonal(int width, int height, int pixels) =>
        Assert.Equal(pixels, BoundaryCounts.Distance(width, height));

    [Theory]
    [InlineData(97, 61, 1)]
    [InlineData(64, 64, 2)]
    [InlineData(5, 200, 3)]
    [InlineData(230, 180, 4)]
    [InlineData(1, 1, 5)]
    public void Add_Maps_CountsWhatErosionOfEachMaskFinds(int width, int height, int seed)
    {
        LabelMap truth = Blocks(width, height, seed, ignored: true), answer = Blocks(width, height, seed + 50, ignored: false);
        BoundaryCounts counts = new(Three);
        counts.Add(answer, truth);
        Assert.Equal(Plain(answer, truth), counts.Counts.ToArray());
        counts.Add(answer, truth);
        Assert.Equal(Plain(answer, truth).Select(count => 2 * count), counts.Counts.ToArray());
    }

    [Fact]
    public void Add_EqualMaps_ScoreOneAndAbsentClassesNothing()
    {
        BoundaryCounts counts = new(Three);
        LabelMap map = Pictures.Plain(40, 30, 0);
        map.Ids.AsSpan(0, 600).Fill(1);
        counts.Add(map, map);
        Assert.Equal([1.0, 1.0, null], Enumerable.Range(0, 3).Select(counts.Iou));
    }

    // A border that is one pixel off: of 2 x 1 pixels on each side of it, and of the image's border all.
    [Fact]
    public void Iou_ShiftedBorder_IsLowerThanThatOfTheMasks()
    {
        LabelMap truth = Pictures.Plain(40, 30, 0), answer = Pictures.Plain(40, 30, 0);
        truth.Ids.AsSpan(0, 15 * 40).Fill(1);
        answer.Ids.AsSpan(0, 16 * 40).Fill(1);
        BoundaryCounts counts = new(Three);
        counts.Add(answer, truth);
        ConfusionMatrix masks = new(Three);
        masks.Add(answer, truth);
        Assert.InRange(counts.Iou(1)!.Value, 0.4, SegmentationScores.From(masks).Classes[1].Iou!.Value - 0.2);
    }

    // An answer of road under the ignored bonnet: nobody knows where the road ends there.
    [Fact]
    public void Add_IgnoredPixels_MakeNoBoundary()
    {
        LabelMap truth = Pictures.Plain(40, 30, 0), answer = Pictures.Plain(40, 30, 0);
        truth.Ids.AsSpan(20 * 40).Fill(255);
        BoundaryCounts counts = new(Three);
        counts.Add(answer, truth);
        Assert.Equal((1.0, 40L + (2 * 19)), (counts.Iou(0)!.Value, counts.Counts.Span[3]));
    }

    // A wrong answer somewhere in a plain area has a boundary of its own, and tears one into the right class.
    [Fact]
    public void Add_AnswerWithoutClass_BelongsToNoMask()
    {
        LabelMap truth = Pictures.Plain(40, 30, 0), answer = Pictures.Plain(40, 30, 0);
        answer.Ids[(15 * 40) + 20] = 255;
        BoundaryCounts counts = new(Three);
        counts.Add(answer, truth);
        Assert.Equal(136, counts.Counts.Span[3]);
        Assert.Equal(136 + 8, counts.Counts.Span[6]);
    }

    private static LabelMap Blocks(int width, int height, int seed, bool ignored)
    {
        Random random = new(seed);
        LabelMap map = Pictures.Plain(width, height, (ushort)random.Next(3));
        for (int i = 0; i < 12; i++)
        {
            (int left, int top) = (random.Next(width), random.Next(height));
            (int right, int bottom) = (random.Next(left, width), random.Next(top, height));
            ushort id = ignored && i % 4 == 0 ? LabelMap.Ignore : (ushort)random.Next(3);
            for (int y = top; y <= bottom; y++)
            {
                map.Ids.AsSpan((y * width) + left, right - left + 1).Fill(id);
            }
        }

        return map;
    }

    // Class by class, pixel by pixel: in the mask, with a pixel near it that is not, or that is off the image.
    private static long[] Plain(LabelMap answer, LabelMap truth)
    {
        int distance = BoundaryCounts.Distance(truth.Width, truth.Height);
        long[] counts = new long[9];
        for (int i = 0; i < truth.Ids.Length; i++)
        {
            for (int id = 0; id < 3 && truth.Ids[i] != 255; id++)
            {
                (bool inTruth, bool inAnswer) = (IsBoundary(truth, i, id), IsBoundary(answer, i, id));
                counts[id] += inTruth && inAnswer ? 1 : 0;
                counts[3 + id] += inTruth ? 1 : 0;
                counts[6 + id] += inAnswer ? 1 : 0;
            }
        }

        return counts;

        bool IsBoundary(LabelMap map, int i, int id)
        {
            (int centre, int row) = (i % map.Width, i / map.Width);
            return map.Ids[i] == id && Enumerable.Range(row - distance, (2 * distance) + 1)
                .SelectMany(y => Enumerable.Range(centre - distance, (2 * distance) + 1).Select(x => (X: x, Y: y)))
                .Any(near => near.X < 0 || near.Y < 0 || near.X >= map.Width || near.Y >= map.Height
                    || (truth.Ids[(near.Y * map.Width) + near.X] != 255 && map.Ids[(near.Y * map.Width) + near.X] != id));
        }
    }
}
