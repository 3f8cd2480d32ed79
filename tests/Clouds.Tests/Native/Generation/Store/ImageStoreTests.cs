using Clouds.Diagnostics;
using Clouds.Native.Generation.Painting;
using Clouds.Native.Generation.Store;
using Clouds.Native.Images;

namespace Clouds.Tests.Native.Generation.Store;

/// <summary>Folders that are stores, are others, or are none.</summary>
[Kind(TestKind.Fast)]
public sealed class ImageStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Changes => new()
    {
        { "seed", "seed 7, not 8" },
        { "negative prompt", "negative prompt '', not 'fog'" },
        { "size", "size 32x32, not 64x32" },
        { "steps", "steps 4, not 5" },
        { "guidance", "guidance 7.5, not 3.25" },
        { "sampler", "sampler Euler, not Ddim" },
        { "model", "model's files unet.safetensors aaaaaaaaaaaa, not unet.safetensors bbbbbbbbbbbb" },
        { "precision", "precision fp32, not fp16" },
        { "prompts", "prompts 3 (SHA-256" },
        { "start", "start image none, not 0123" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Changes))]
    public void Open_AnotherPlan_IsRefusedWithWhatDiffers(string change, string told)
    {
        TinyStore.Fill(_folder["a"], 2);
        SortedDictionary<string, string> before = TinyStore.Content(_folder["a"]);

        CloudsException failure = Assert.Throws<CloudsException>(() => ImageStore.Open(_folder["a"], Changed(change)));

        Assert.Equal(Failure.Usage, failure.Failure);
        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
        Assert.Equal(before, TinyStore.Content(_folder["a"]));
    }

    [Fact]
    public void Open_TheSamePlanAgain_IsTheStore()
    {
        TinyStore.Fill(_folder["a"], 2);

        Assert.Equal(2, ImageStore.Open(_folder["a"], TinyStore.Plan()).Images().Count);
    }

    [Theory]
    [InlineData("images/000000.png")]
    [InlineData("manifest.jsonl")]
    [InlineData("manifest-1-of-2.jsonl")]
    public void Open_ImagesOfAnotherProgram_AreLeftAlone(string file)
    {
        _ = _folder[file];
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[file])!);
        File.WriteAllText(_folder[file], "theirs");

        Assert.Equal(Failure.Usage, Assert.Throws<CloudsException>(() => ImageStore.Open(_folder.Path, TinyStore.Plan())).Failure);
        Assert.Equal("theirs", File.ReadAllText(_folder[file]));
        Assert.False(File.Exists(_folder["store.json"]));
    }

    [Fact]
    public void Read_AFolderWithoutAPlan_IsNone()
        => Assert.Equal(Failure.BadInput, Assert.Throws<CloudsException>(() => ImageStore.Read(_folder.Path)).Failure);

    [Theory]
    [InlineData("{}")]
    [InlineData("{ \"prompts\": [")]
    [InlineData("null")]
    public void Read_ADamagedPlan_SaysSo(string plan)
    {
        File.WriteAllText(_folder["store.json"], plan);

        Assert.Contains("cannot be read", Assert.Throws<CloudsException>(() => ImageStore.Read(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_ALineInTheMidstIsDamaged_NamesIt()
    {
        TinyStore.Fill(_folder["a"], 3);
        string[] lines = File.ReadAllLines(_folder["a/manifest.jsonl"]);
        File.WriteAllLines(_folder["a/manifest.jsonl"], [lines[0], lines[1][..30], lines[2]]);

        CloudsException failure = Assert.Throws<CloudsException>(() => ImageStore.Read(_folder["a"]).Images());

        Assert.Equal(Failure.BadInput, failure.Failure);
        Assert.Contains("line 2", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void StoredImage_OfAnImageThatSaysNothing_IsBadInput()
    {
        ImageFile.WritePng(_folder["plain.png"], new RgbImage(8, 8));

        Assert.Equal(Failure.BadInput, Assert.Throws<CloudsException>(() => StoredImage.Read(_folder["plain.png"])).Failure);
    }

    [Theory]
    [InlineData(100, 4, 7.5, "multiples of 8")]
    [InlineData(0, 4, 7.5, "multiples of 8")]
    [InlineData(-8, 4, 7.5, "multiples of 8")]
    [InlineData(32, 0, 7.5, "1..1000")]
    [InlineData(32, 1001, 7.5, "1..1000")]
    [InlineData(32, 4, 0.5, "1 or more")]
    [InlineData(32, 4, double.NaN, "1 or more")]
    public void Plan_OutOfRange_IsRefused(int width, int steps, double guidance, string expected)
    {
        using PatternPainter painter = new();
        StorePlan plan = TinyStore.Plan(width: width, steps: steps, guidance: guidance);

        CloudsException failure = Assert.Throws<CloudsException>(() => plan.Require(painter.Facts));

        Assert.Equal(Failure.Usage, failure.Failure);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    private static StorePlan Changed(string change) => change switch
    {
        "seed" => TinyStore.Plan(seed: 8),
        "negative prompt" => TinyStore.Plan(negative: "fog"),
        "size" => TinyStore.Plan(width: 64),
        "steps" => TinyStore.Plan(steps: 5),
        "guidance" => TinyStore.Plan(guidance: 3.25),
        "sampler" => TinyStore.Plan(sampler: PaintSampler.Ddim),
        "model" => TinyStore.Plan(file: "b"),
        "precision" => TinyStore.Plan(precision: "fp16"),
        "prompts" => TinyStore.Plan(prompts: 2),
        _ => TinyStore.Plan(start: new StartImage("start.png", "0123")),
    };
}
