using Clouds.Diagnostics;
using Clouds.Native.Generation.Store;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;

namespace Clouds.Tests.Native.Generation.Store;

/// <summary>Scores of a store's images, and the marks that follow.</summary>
[Kind(TestKind.Fast)]
public sealed class StoreScoresTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_AStore_IsTheCosineWithItsOwnPromptAndTheMeanWithTheOthers()
    {
        TinyStore.Fill(_folder["a"], 4);
        using ClipScorer clip = Clip(3);
        StoreScores scores = Score(clip);

        Assert.Equal(["images/000000.png", "images/000001.png", "images/000002.png", "images/000003.png"], scores.Images.Select(image => image.File));
        float[] seen = clip.Embed(ImageFile.Read(_folder["a/images/000003.png"]));
        double[] all = [.. TinyStore.Prompts.Select(prompt => ClipScorer.Cosine(seen, clip.Embed(prompt)))];
        Assert.Equal(all[0], scores.Images[3].Score, 6);
        Assert.Equal((all[1] + all[2]) / 2, scores.Images[3].Others!.Value, 6);
        Assert.Equal(scores.Images, StoreScores.Read(_folder["a"])!.Images);
    }

    [Fact]
    public void Of_AStoreOfOnePrompt_HasNoOthers()
    {
        TinyStore.Fill(_folder["a"], 2, plan: TinyStore.Plan(prompts: 1));
        using ClipScorer clip = Clip(3);

        Assert.All(Score(clip).Images, image => Assert.Null(image.Others));
    }

    [Fact]
    public void Of_ImagesThatTheCLIPHasSeen_KeepTheirScores()
    {
        TinyStore.Fill(_folder["a"], 2);
        using ClipScorer clip = Clip(3);
        StoreScores first = Score(clip);
        ImageFile.WritePng(_folder["a/images/000001.png"], new RgbImage(32, 32));
        TinyStore.Fill(_folder["a"], 3);

        Assert.Equal(first.Images, Score(clip, 0.3).Images.Take(2));
        using ClipScorer other = Clip(4);
        Assert.NotEqual(first.Images[1], Score(other).Images[1]);
    }

    [Theory]
    [InlineData(0.2, 0.1, null, false)]
    [InlineData(0.2, 0.2, null, true)]
    [InlineData(0.2, 0.3, null, true)]
    [InlineData(0.2, 0.1, 0.21, true)]
    [InlineData(0.2, null, null, false)]
    [InlineData(0.2, null, 0.2, false)]
    [InlineData(0.2, null, 0.25, true)]
    public void Marks_OfAScore_AreWhereItIsNotAboveTheOthersOrBelowTheLeast(double score, double? others, double? least, bool marked)
    {
        StoreScores scores = new() { Model = "clip", Files = [], Least = least, Images = [new("0", score, others)] };
        IReadOnlyList<ImageMark> marks = StoreMarks.Of(
            [("0", ImagePrint.Of(PatternPainter.Pattern("street", 64, 64))), ("1", ImagePrint.Of(new RgbImage(8, 8)))], new MarkOptions(), scores);

        Assert.Equal(marked ? [new("0", MarkReason.Prompt, score), new("1", MarkReason.Constant, 0)] : [new("1", MarkReason.Constant, 0)], marks);
    }

    [Fact]
    public void Read_SomethingElse_IsBadInput()
    {
        Assert.Null(StoreScores.Read(_folder.Path));
        File.WriteAllText(_folder["scores.json"], "[1");

        Assert.Equal(Failure.BadInput, Assert.Throws<CloudsException>(() => StoreScores.Read(_folder.Path)).Failure);
    }

    private ClipScorer Clip(ulong seed) => ClipScorer.Load(TinyClip.Write(_folder[$"clip{seed}"], seed), new ClipScorerOptions { Device = ComputeDevice.Cpu });

    private StoreScores Score(ClipScorer clip, double? least = null) =>
        StoreScores.Of(ImageStore.Read(_folder["a"]), clip, least, new Progress<ProgressReport>(), CancellationToken.None);
}
