using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Native.Segmentation;

/// <summary>Batches without waiting threads: order, memory, failures, ends.</summary>
[Kind(TestKind.Fast)]
public sealed class SegmenterBatchTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private readonly Segmenter _segmenter = Segmenter.Load(
        TinyRun.Model, new SegmenterOptions { Device = ComputeDevice.Cpu, ShortSide = 0, Sessions = 2, Threads = 1 });

    public void Dispose() => _segmenter.Dispose();

    [Fact]
    public async Task SegmentAllAsync_OnTwoSessions_GivesInOrderWhatSegmentGives()
    {
        RgbImage[] images = [.. Enumerable.Range(0, 9).Select(i => Pictures.Gradient(64 + (32 * (i % 3)), 64 + i))];
        int at = 0;
        await foreach (SegmentationResult result in _segmenter.SegmentAllAsync(images))
        {
            Assert.Equal(_segmenter.Segment(images[at++]).Labels, result.Labels);
        }

        Assert.Equal(images.Length, at);
    }

    [Fact]
    public async Task SegmentAllAsync_ImagesThatCome_AreLabelledAsTheyCome()
    {
        int come = 0, answered = 0;
        async IAsyncEnumerable<RgbImage> Coming()
        {
            for (; come < 3; come++)
            {
                await Task.Yield();
                yield return new RgbImage(64, 64 + come);
            }
        }

        await foreach (SegmentationResult result in _segmenter.SegmentAllAsync(Coming(), withScores: true))
        {
            Assert.Equal((64 + answered++, 64 * result.Height * 19), (result.Height, result.Scores!.Length));
        }

        Assert.Equal(3, answered);
    }

    [Fact]
    public async Task SegmentAllAsync_SourceThatCannotBeRead_IsAnItemOfItsOwn()
    {
        CloudsException broken = new(Failure.BadInput, "broken");
        List<BatchItem<int>> items = await _segmenter.SegmentAllAsync([1, 2, 3], i => i == 2 ? throw broken : new RgbImage(64, 60 + i)).ToListAsync();
        Assert.Equal([1, 2, 3], items.Select(item => item.Source));
        Assert.Equal([null, broken, null], items.Select(item => item.Failure));
        Assert.Same(broken, Assert.Throws<CloudsException>(() => items[1].Result));
        Assert.Equal((61, 61, 63), (items[0].Result.Height, items[0].Image!.Height, items[2].Result.Height));
    }

    [Fact]
    public async Task SegmentAllAsync_DecoderWithADefect_EndsTheBatchBehindTheAnswersBefore()
    {
        List<int> answered = [];
        RgbImage Decode(int source) => source == 3 ? throw new InvalidOperationException("defect") : new RgbImage(64, 64);
        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (BatchItem<int> item in _segmenter.SegmentAllAsync([1, 2, 3], Decode))
            {
                answered.Add(item.Source);
            }
        });
        Assert.Equal(("defect", 2), (failure.Message, answered.Count));
    }

    [Fact]
    public async Task SegmentAllAsync_ReaderThatIsSlow_HoldsSessionsAndTwoImagesAtMost()
    {
        int decoded = 0;
        using SemaphoreSlim reached = new(0);
        RgbImage Decode(int source)
        {
            Interlocked.Increment(ref decoded);
            reached.Release();
            return new RgbImage(64, 64);
        }

        await foreach (BatchItem<int> first in _segmenter.SegmentAllAsync(Enumerable.Range(0, 100), Decode))
        {
            // One is here, two are in the channel, one waits for its place: the next ones were read beside the network, and no more of them.
            for (int i = 0; i < 4; i++)
            {
                Assert.True(await reached.WaitAsync(Soon));
            }

            Assert.False(await reached.WaitAsync(200));
            Assert.Equal((0, 4), (first.Source, decoded));
            break;
        }
    }

    [Fact]
    public async Task SegmentAllAsync_Cancelled_EndsAlsoWhileADecoderHangs()
    {
        using CancellationTokenSource stop = new();
        using ManualResetEventSlim release = new();
        RgbImage Decode(int source)
        {
            if (source > 0)
            {
                release.Wait();
            }

            return new RgbImage(64, 64);
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (BatchItem<int> item in _segmenter.SegmentAllAsync([0, 1], Decode).WithCancellation(stop.Token))
            {
                stop.Cancel();
            }
        }).WaitAsync(Soon);
        release.Set();
    }

    [Fact]
    public async Task SegmentAllAsync_SegmenterDisposed_EndsWithThat()
    {
        await Assert.ThrowsAsync<ObjectDisposedException>(async () =>
        {
            await foreach (SegmentationResult result in _segmenter.SegmentAllAsync(Enumerable.Repeat(new RgbImage(64, 64), 1000)))
            {
                _segmenter.Dispose();
            }
        }).WaitAsync(Soon);
    }

    [Fact]
    public void Arguments_ThatAreMissing_AreNamedBeforeAnyWork()
    {
        Action begin = () => _ = _segmenter.SegmentAsync(null!);
        Assert.Equal("image", Assert.Throws<ArgumentNullException>(begin).ParamName);
        Assert.Equal("image", Assert.Throws<ArgumentNullException>(() => _segmenter.Segment(null!)).ParamName);
        Assert.Equal("images", Assert.Throws<ArgumentNullException>(() => _segmenter.SegmentAll(null!)).ParamName);
        Assert.Equal("images", Assert.Throws<ArgumentNullException>(() => _segmenter.SegmentAllAsync((IEnumerable<RgbImage>)null!)).ParamName);
        Assert.Equal("sources", Assert.Throws<ArgumentNullException>(() => _segmenter.SegmentAllAsync<int>(null!, _ => new(1, 1))).ParamName);
        Assert.Equal("decode", Assert.Throws<ArgumentNullException>(() => _segmenter.SegmentAllAsync([1], null!)).ParamName);
    }

    [Theory]
    [InlineData("width", 0, 64, 12288, 4096, 0)]
    [InlineData("height", 64, -1, 12288, 4096, 0)]
    [InlineData("rgb", 64, 64, 12287, 4096, 0)]
    [InlineData("rgb", 40_000, 40_000, 505_032_704, 4096, 0)]
    [InlineData("labels", 64, 64, 12288, 4095, 0)]
    [InlineData("scores", 64, 64, 12288, 4096, 4096)]
    public void Segment_LengthsThatDoNotFitTheSize_NameTheParameter(string parameter, int width, int height, int rgb, int labels, int scores)
    {
        ArgumentException failure = Assert.ThrowsAny<ArgumentException>(
            () => _segmenter.Segment(new byte[rgb], width, height, new ushort[labels], new float[scores]));
        Assert.Equal(parameter, failure.ParamName);
    }
}
