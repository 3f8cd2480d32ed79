using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Refinement;

namespace Clouds.Tests.Native.Refinement;

[Kind(TestKind.Fast)]
public sealed class PseudoLabelRefinerTests
{
    private static readonly MaskFrame Frame = new(8, 8, 32, 32, 32, 32);

    public static TheoryData<int> Blocks => [.. Enumerable.Range(0, 8)];

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Refine_RandomMapsAndMasks_GivesWhatThePlainOracleGives(int block)
    {
        int refined = 0;
        for (ulong seed = (ulong)block * 400; seed < (ulong)(block + 1) * 400; seed++)
        {
            RefinementProblem problem = new(seed);
            StandInMasks masks = new(problem.Frame, seed);
            RefinementOracle oracle = new(problem.Map, problem.Height, problem.Width, problem.Options, problem.Seed, masks);
            RefinementProblem.AssertSame(oracle, problem.Refine(masks, threads: 1 + (int)(seed % 3)));
            refined += oracle.IsUnrefined ? 0 : 1;
        }

        Assert.InRange(refined, 100, 399);
    }

    [Fact]
    public void Refine_ComponentOfThresholdPixels_IsDroppedAndOneOfOneMoreIsKept()
    {
        LabelMap map = Map(120, 101, (x, y) => y < 50 && x < 100 ? 3 : y >= 51 && (x < 100 || (y == 51 && x == 100)) ? 4 : 255);
        RefinementResult refined = Refine(map, new RefinementOptions());
        RefinedComponent kept = Assert.Single(refined.Components, component => component.Fate == ComponentFate.Prompted);
        RefinedComponent dropped = Assert.Single(refined.Components, component => component.Fate == ComponentFate.TooSmall);
        Assert.Equal((4, 5001), (kept.Class, kept.Area));
        Assert.Equal((3, 5000), (dropped.Class, dropped.Area));
    }

    [Fact]
    public void Refine_BlobsThatTouchAtACornerOnly_AreTwoComponents()
    {
        LabelMap map = Map(20, 20, (x, y) => x < 10 == y < 10 ? 1 : 255);
        RefinementOptions options = new() { SizeThreshold = 0 };
        Assert.Equal(2, Refine(map, options).Components.Count);
        Assert.Single(Refine(map, options with { Connectivity = Neighbours.Eight }).Components);
    }

    [Fact]
    public void Refine_TwoMasksOfOneClass_LeaveTheirOverlapWithoutALabel()
    {
        LabelMap map = Map(32, 32, (x, y) => y < 8 ? 5 : y >= 24 ? 5 : 255);
        Bands bands = new(Frame, [(0, 20), (12, 32)]);
        RefinementResult refined = Refine(map, new RefinementOptions { SizeThreshold = 0 }, bands);
        Assert.Equal(255, refined.Map.Ids[16 * 32]);
        Assert.Equal((5, 5), (refined.Map.Ids[0], refined.Map.Ids[31 * 32]));
        Assert.True(refined.Conflicts > 0);
        Assert.All(refined.Components, component => Assert.Equal(refined.Conflicts, component.Conflicts));
        bands = new(Frame, [(0, 20), (12, 32)]);
        Assert.Equal(5, Refine(map, new RefinementOptions { SizeThreshold = 0, Overlap = OverlapRule.CrossClass }, bands).Map.Ids[16 * 32]);
    }

    [Fact]
    public void Refine_NothingLargeEnough_LeavesTheMapWithAllItsClasses()
    {
        LabelMap map = Map(40, 30, (x, y) => y == 29 ? 255 : x / 10);
        StandInMasks masks = new(Frame);
        RefinementResult refined = Refine(map, new RefinementOptions(), masks);
        Assert.True(refined.IsUnrefined);
        Assert.Empty(masks.Calls);
        Assert.Equal(map.Ids, refined.Map.Ids);
        Assert.NotSame(map.Ids, refined.Map.Ids);
        Assert.Equal([(0, 290), (1, 290), (2, 290), (3, 290)], refined.Classes.Select(target => (target.Class, target.Mask.Area)));
        Assert.All(refined.Components, component => Assert.Equal((ComponentFate.TooSmall, -1), (component.Fate, component.Chosen)));
    }

    [Fact]
    public void Refine_ComponentsOfTooFewPixels_AreNamedSo()
    {
        LabelMap map = Map(9, 1, (x, _) => x < 6 ? 2 : x < 8 ? 7 : 255);
        RefinementResult refined = Refine(map, new RefinementOptions { SizeThreshold = 0, Points = 3 });
        Assert.Equal([(2, ComponentFate.Prompted), (7, ComponentFate.TooFewPoints)], refined.Components.Select(component => (component.Class, component.Fate)));
        Assert.Equal([2], refined.Classes.Select(target => target.Class));
    }

    [Theory]
    [InlineData(false, new[] { 2, 9 })]
    [InlineData(true, new[] { 1, 2 })]
    public void Refine_ComponentWithoutPoints_ShiftsTheMasksOnlyWhereTheReleasedCodesCountIsAskedFor(bool emulated, int[] classes)
    {
        // Class 1 has one pixel, too few for two points; its place in the count goes to class 2's mask, and class 2's to that of class 9.
        LabelMap map = Map(12, 4, (x, y) => x == 0 && y == 0 ? 1 : x is > 1 and < 6 ? 2 : x > 7 ? 9 : 255);
        RefinementResult refined = Refine(map, new RefinementOptions { SizeThreshold = 0, Points = 2, EmulateCountBug = emulated });
        Assert.Equal(classes, refined.Components.Where(component => component.Fate == ComponentFate.Prompted).Select(component => component.MaskClass));
        Assert.Equal(classes, refined.Classes.Select(target => target.Class));
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 0)]
    public void Refine_MasksWithoutAPixel_LeaveClassesEmptyOrOut(bool dropEmpty, int classes)
    {
        LabelMap map = Map(20, 20, (x, _) => x < 10 ? 0 : 18);
        RefinementResult refined = Refine(map, new RefinementOptions { SizeThreshold = 0, DropEmpty = dropEmpty }, new StandInMasks(Frame) { IsEmpty = true });
        Assert.False(refined.IsUnrefined);
        Assert.All(refined.Map.Ids, id => Assert.Equal(255, id));
        Assert.Equal(classes, refined.Classes.Count);
        Assert.All(refined.Classes, target => Assert.Equal(0, target.Mask.Area));
        Assert.All(refined.Components, component => Assert.Equal(0, component.MaskArea));
    }

    [Theory]
    [InlineData(1, 1, 4)]
    [InlineData(1, 1, 255)]
    [InlineData(3, 2, 0)]
    [InlineData(1, 50, 254)]
    public void Refine_ImageSmallerThanAPatch_IsRefined(int width, int height, int id)
    {
        RefinementResult refined = Refine(Map(width, height, (_, _) => id), new RefinementOptions { SizeThreshold = 0, Points = 1 });
        Assert.Equal(id == 255, refined.IsUnrefined);
        Assert.Equal(width * height, refined.Map.Ids.Length);
        Assert.All(refined.Map.Ids, found => Assert.True(found == id || found == 255));
    }

    [Fact]
    public void Refine_NoPixelAtAll_GivesNoPixel()
    {
        RefinementResult refined = Refine(new LabelMap(0, 0), new RefinementOptions { SizeThreshold = 0 });
        Assert.True(refined.IsUnrefined);
        Assert.Empty(refined.Classes);
        Assert.Empty(refined.Components);
    }

    [Theory]
    [InlineData(256)]
    [InlineData(65535)]
    public void Refine_IdThatIsNoTrainId_IsRefusedWithItsPlace(int id)
    {
        LabelMap map = Map(7, 5, (x, y) => (x, y) == (3, 2) ? id : 0);
        CloudsException failure = Assert.Throws<CloudsException>(() => Refine(map, new RefinementOptions()));
        Assert.Equal((Failure.BadInput, "column 3, row 2", id.ToString()), (failure.Failure, failure.Where, failure.Found));
    }

    [Fact]
    public void Refine_ImageOfAnotherSize_IsRefused()
    {
        using PseudoLabelRefiner refiner = new(new StandInMasks(Frame));
        CloudsException failure = Assert.Throws<CloudsException>(() => refiner.Refine(new RgbImage(4, 5), new LabelMap(5, 4), default));
        Assert.Equal(Failure.BadInput, failure.Failure);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Refine_ScoresThatAreNoNumbers_AreRefused(float score)
    {
        CloudsException failure = Assert.Throws<CloudsException>(
            () => Refine(Map(9, 9, (_, _) => 1), new RefinementOptions { SizeThreshold = 0 }, new Scored(Frame, score)));
        Assert.Equal(Failure.Numeric, failure.Failure);
    }

    [Fact]
    public void Refine_FiveThousandComponents_AreAskedForInChunksOfOneSize()
    {
        LabelMap map = Map(200, 100, (x, y) => (x / 2 % 2) + (2 * (y / 2 % 2)));
        RefinementOptions options = new() { SizeThreshold = 0, Points = 3, PromptsAtOnce = 64 };
        StandInMasks masks = new(Frame) { Reach = 0.1 };
        RefinementResult refined = Refine(map, options, masks);
        Assert.Equal(5000, refined.Components.Count);
        Assert.Equal(79, refined.Chunks);
        Assert.Equal((79, 64, 8), (masks.Calls.Count, masks.Calls.Max(), masks.Calls[^1]));
        RefinementResult atOnce = Refine(map, options with { PromptsAtOnce = 4096 }, new StandInMasks(Frame) { Reach = 0.1 });
        Assert.Equal(RefinementProblem.Told(atOnce), RefinementProblem.Told(refined));

        // What grows with the components is the record: no mask outlives its chunk with more than the box that it covers.
        Assert.InRange(refined.Components.Average(component => component.Mask!.Bytes), 1, 300);
    }

    [Fact]
    public void Refine_AnyNumberOfThreadsBesideABusyOne_GivesTheSame()
    {
        using CancellationTokenSource enough = new();
        Thread busy = new(() =>
        {
            while (!enough.IsCancellationRequested)
            {
                Thread.SpinWait(100);
            }
        });
        busy.Start();
        try
        {
            for (ulong seed = 0; seed < 6; seed++)
            {
                RefinementProblem problem = new(seed, largest: 260) { Options = new RefinementOptions { SizeThreshold = 20 } };
                string[] told = [.. new[] { 1, 2, 8 }.Select(threads => RefinementProblem.Told(problem.Refine(new StandInMasks(Frame), threads)))];
                Assert.Equal(told[0], told[1]);
                Assert.Equal(told[0], told[2]);
            }
        }
        finally
        {
            enough.Cancel();
            busy.Join();
        }
    }

    [Fact]
    public void Refine_SameSeedStepAndImage_GivesTheSamePointsAndAnyOtherGivesOthers()
    {
        LabelMap map = Map(60, 60, (x, _) => x / 20);
        RefinementOptions options = new() { SizeThreshold = 0 };
        string Points(PointSeed seed)
        {
            using PseudoLabelRefiner refiner = new(new StandInMasks(Frame), options);
            refiner.Refine(new RgbImage(60, 60), Map(60, 60, (_, y) => y / 30), new PointSeed(99));
            return string.Join(';', refiner.Refine(new RgbImage(60, 60), map, seed).Components.SelectMany(component => component.Points));
        }

        PointSeed[] seeds = [new(7, 3, 5), new(8, 3, 5), new(7, 4, 5), new(7, 3, 6), new(7, 5, 3), new(7, 3L + (1L << 32), 5)];
        string[] all = [.. seeds.Select(Points)];
        Assert.Equal(all, seeds.Select(Points));
        Assert.Equal(all.Length, all.Distinct().Count());
    }

    [Fact]
    public void Refine_Cancelled_EndsBetweenChunks()
    {
        using CancellationTokenSource stop = new();
        LabelMap map = Map(40, 40, (x, y) => (x / 10) + (y / 10));
        StoppingMasks masks = new(Frame, stop);
        using PseudoLabelRefiner refiner = new(masks, new RefinementOptions { SizeThreshold = 0, PromptsAtOnce = 2 });
        Assert.Throws<OperationCanceledException>(() => refiner.Refine(new RgbImage(40, 40), map, default, cancellation: stop.Token));
        Assert.Single(masks.Calls);
        Assert.True(masks.IsDisposed);
    }

    [Fact]
    public void Refine_Disposed_Throws()
    {
        PseudoLabelRefiner refiner = new(new StandInMasks(Frame));
        refiner.Dispose();
        refiner.Dispose();
        Assert.Throws<ObjectDisposedException>(() => refiner.Refine(new RgbImage(4, 4), new LabelMap(4, 4), default));
    }

    private static LabelMap Map(int width, int height, Func<int, int, int> id)
        => new(width, height, [.. Enumerable.Range(0, width * height).Select(pixel => (ushort)id(pixel % width, pixel / width))]);

    private static RefinementResult Refine(LabelMap map, RefinementOptions options, StandInMasks? masks = null)
    {
        using PseudoLabelRefiner refiner = new(masks ?? new StandInMasks(Frame), options, threads: 2);
        return refiner.Refine(new RgbImage(map.Width, map.Height), map, new PointSeed(3), keepMasks: true);
    }

    /// <summary>Masks that are bands of frame rows, one a prompt in their order.</summary>
    private sealed class Bands(MaskFrame frame, (int From, int To)[] bands) : StandInMasks(frame)
    {
        public override void Predict(MaskPrompts prompts, Span<float> logits, Span<float> scores, CancellationToken cancellation = default)
        {
            scores.Clear();
            for (int i = 0; i < logits.Length; i++)
            {
                int row = i / Frame.MaskWidth % Frame.MaskHeight * Frame.FrameHeight / Frame.MaskHeight;
                (int from, int to) = bands[i / (3 * Frame.MaskHeight * Frame.MaskWidth)];
                logits[i] = row >= from && row < to ? 1 : -1;
            }
        }
    }

    private sealed class Scored(MaskFrame frame, float score) : StandInMasks(frame)
    {
        public override void Predict(MaskPrompts prompts, Span<float> logits, Span<float> scores, CancellationToken cancellation = default)
        {
            base.Predict(prompts, logits, scores, cancellation);
            scores[^1] = score;
        }
    }

    private sealed class StoppingMasks(MaskFrame frame, CancellationTokenSource stop) : StandInMasks(frame)
    {
        public override void Predict(MaskPrompts prompts, Span<float> logits, Span<float> scores, CancellationToken cancellation = default)
        {
            base.Predict(prompts, logits, scores, cancellation);
            stop.Cancel();
        }
    }
}
