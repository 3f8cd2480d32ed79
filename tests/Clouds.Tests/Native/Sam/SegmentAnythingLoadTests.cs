using Clouds.Diagnostics;
using Clouds.Native.Sam;
using Clouds.Native.Segmentation;
using Clouds.Tests.Runtime;

namespace Clouds.Tests.Native.Sam;

/// <summary>What Load finds out, what embeddings remember, and how calls end.</summary>
[Kind(TestKind.Fast)]
public sealed class SegmentAnythingLoadTests : IDisposable
{
    private static readonly SegmentAnythingOptions Cpu = new() { Device = ComputeDevice.Cpu, Threads = 1 };
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, SegmentAnythingOptions> OptionsOutOfRange => new()
    {
        { "SegmentAnythingOptions.Threads", Cpu with { Threads = -1 } },
        { "SegmentAnythingOptions.Threads", Cpu with { Threads = 1025 } },
        { "SegmentAnythingOptions.PromptsAtOnce", Cpu with { PromptsAtOnce = 0 } },
        { "SegmentAnythingOptions.PromptsAtOnce", Cpu with { PromptsAtOnce = 1025 } },
        { "SegmentAnythingOptions.Decoder", Cpu with { Decoder = "" } },
        { "SegmentAnythingOptions.Cuda", Cpu with { Cuda = null! } },
    };

    public static TheoryData<MaskPrompt> NoPrompts =>
    [
        new MaskPrompt(),
        new MaskPrompt { Points = null! },
        new MaskPrompt { Points = [new(float.NaN, 1)] },
        new MaskPrompt { Points = [new(1, float.PositiveInfinity)] },
        new MaskPrompt { Box = new(5, 1, 4, 2) },
        new MaskPrompt { Box = new(1, 5, 2, 4) },
        new MaskPrompt { Box = new(1, 2, float.NaN, 4) },
        new MaskPrompt { Points = [new(1, 1)], Mask = new float[7] },
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(OptionsOutOfRange))]
    public void Load_OptionOutOfRange_NamesTheMemberBeforeTheFileIsOpened(string member, SegmentAnythingOptions options)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => SegmentAnything.Load(_folder["nowhere.pth"], options));
        Assert.Equal((Failure.Usage, member), (failure.Failure, failure.Where));
    }

    [Fact]
    public void Load_WeightsOfAnotherNetwork_SaysWhatToGive()
    {
        string other = Path.Combine(Repository.Root, "tests", "golden", "mit", "mit_like", "weights.safetensors");
        CloudsException failure = Assert.Throws<CloudsException>(() => SegmentAnything.Load(other, Cpu));
        Assert.Equal(Failure.Weights, failure.Failure);
        Assert.Contains("mobile_sam", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TensorMissing_NamesIt()
    {
        TinySam.Write(_folder["cut.safetensors"], leaveOut: "mask_decoder.iou_token.weight");
        CloudsException failure = Assert.Throws<CloudsException>(() => SegmentAnything.Load(_folder["cut.safetensors"], Cpu));
        Assert.Contains("mask_decoder.iou_token.weight", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_DamagedDescription_IsAFaultOfTheFile()
    {
        TinySam.Write(_folder["sam.safetensors"]);
        byte[] bytes = File.ReadAllBytes(_folder["sam.safetensors"]);
        int at = bytes.AsSpan().IndexOf("depth"u8);
        "girth"u8.CopyTo(bytes.AsSpan(at));
        File.WriteAllBytes(_folder["sam.safetensors"], bytes);
        Assert.Equal(Failure.Weights, Assert.Throws<CloudsException>(() => SegmentAnything.Load(_folder["sam.safetensors"], Cpu)).Failure);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Load_NamesBelowAKey_AreFoundWithAndWithoutADescription(bool described)
    {
        TinySam.Write(_folder["wrapped.safetensors"], described: described, below: "state_dict.module.");
        using SegmentAnything sam = SegmentAnything.Load(_folder["wrapped.safetensors"], Cpu);
        Assert.Equal(3, sam.Embed(Pictures.Noise(9, 9)).Predict([new PromptPoint(1, 1)]).Masks.Count);
    }

    [Fact]
    public void Load_DecoderThatIsNone_SaysWhatIsMissing()
    {
        TinySam.Write(_folder["sam.safetensors"]);
        File.WriteAllBytes(_folder["other.onnx"], new TinyModel().Input("x", 4).Output("y", 4).Node("Abs", ["x"], ["y"]).ToBytes());
        CloudsException failure = Assert.Throws<CloudsException>(
            () => SegmentAnything.Load(_folder["sam.safetensors"], Cpu with { Decoder = _folder["other.onnx"] }));
        Assert.Contains("image_embeddings", failure.Message, StringComparison.Ordinal);
        Assert.Equal(Failure.BadInput, Assert.Throws<CloudsException>(
            () => SegmentAnything.Load(_folder["sam.safetensors"], Cpu with { Decoder = _folder["nowhere.onnx"] })).Failure);
    }

    [Theory]
    [MemberData(nameof(NoPrompts))]
    public void Predict_NoPrompt_IsRefused(MaskPrompt prompt)
    {
        using SegmentAnything sam = Load();
        ImageEmbedding embedding = sam.Embed(Pictures.Noise(20, 20));
        Assert.ThrowsAny<ArgumentException>(() => embedding.Predict([prompt]).ToList());
    }

    [Fact]
    public void OpenEmbedding_OfTheSameModel_AnswersWithTheSameBits()
    {
        using SegmentAnything sam = Load();
        ImageEmbedding embedding = sam.Embed(Pictures.Noise(31, 17));
        embedding.Save(_folder["new/image.embedding"]);
        using SegmentAnything again = Load();
        ImageEmbedding read = again.OpenEmbedding(_folder["new/image.embedding"]);
        Assert.Equal((31, 17, ImageEmbedding.DigestOf(Pictures.Noise(31, 17))), (read.Width, read.Height, read.ImageDigest));
        Assert.Equal(embedding.Predict([new PromptPoint(3, 3)]).Best.ToLogits(), read.Predict([new PromptPoint(3, 3)]).Best.ToLogits());
        Assert.NotEqual(read.ImageDigest, ImageEmbedding.DigestOf(Pictures.Noise(17, 31)));
    }

    [Fact]
    public void OpenEmbedding_OfAnotherModelOrDamagedOrNone_IsRefused()
    {
        using SegmentAnything sam = Load();
        string path = _folder["image.embedding"];
        sam.Embed(Pictures.Noise(31, 17)).Save(path);
        TinySam.Write(_folder["other.safetensors"], seed: 2);
        using SegmentAnything other = SegmentAnything.Load(_folder["other.safetensors"], Cpu);
        CloudsException failure = Assert.Throws<CloudsException>(() => other.OpenEmbedding(path));
        Assert.Equal((Failure.Weights, sam.ModelDigest), (failure.Failure, failure.Found));
        Assert.Contains(other.ModelDigest, failure.Message, StringComparison.Ordinal);
        Assert.Equal(Failure.Weights, Assert.Throws<CloudsException>(() => sam.OpenEmbedding(_folder["sam.safetensors"])).Failure);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Equal(Failure.Weights, Assert.Throws<CloudsException>(() => sam.OpenEmbedding(path)).Failure);
    }

    [Fact]
    public void Calls_CancelledOrDisposed_EndWithTheirOwnException()
    {
        SegmentAnything sam = Load();
        ImageEmbedding embedding = sam.Embed(Pictures.Noise(20, 20));
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => sam.Embed(Pictures.Noise(20, 20), cancelled.Token));
        Assert.Throws<OperationCanceledException>(() => embedding.Predict([new PromptPoint(1, 1)], cancellation: cancelled.Token));
        sam.Dispose();
        sam.Dispose();
        Assert.Throws<ObjectDisposedException>(() => sam.Embed(Pictures.Noise(20, 20)));
        Assert.Throws<ObjectDisposedException>(() => embedding.Predict([new PromptPoint(1, 1)]));
        Assert.Throws<ObjectDisposedException>(() => sam.OpenEmbedding(_folder["nowhere"]));
    }

    [Fact]
    public async Task Calls_OfManyThreads_GetTheirOwnAnswers()
    {
        using SegmentAnything sam = Load();
        float[][] alone = [.. Enumerable.Range(0, 8).Select(Answer)];
        float[][] together = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => Answer(i))));
        Assert.Equal(alone, together);

        float[] Answer(int i) => sam.Embed(Pictures.Noise(20 + i, 20, (ulong)i)).Predict([new PromptPoint(i, 1)]).Best.LowResolution;
    }

    [Fact]
    public async Task Dispose_WhileCallsWaitAndRun_EndsThemAll()
    {
        SegmentAnything sam = Load();
        ImageEmbedding embedding = sam.Embed(Pictures.Noise(20, 20));
        using SemaphoreSlim started = new(0);
        Task[] calls = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            started.Release();
            while (true)
            {
                embedding.Predict([new PromptPoint(1, 1)]);
            }
        }))];
        for (int i = 0; i < calls.Length; i++)
        {
            await started.WaitAsync();
        }

        sam.Dispose();
        foreach (Task call in calls)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => call.WaitAsync(TimeSpan.FromMinutes(1)));
        }
    }

    private SegmentAnything Load()
    {
        TinySam.Write(_folder["sam.safetensors"]);
        return SegmentAnything.Load(_folder["sam.safetensors"], Cpu);
    }
}
