using Clouds.Diagnostics;
using Clouds.Models.Encoders;
using Clouds.Native.Generation.Store;
using Clouds.Native.Images;
using Clouds.Native.Tokenizers;

namespace Clouds.Tests.Native.Generation.Store;

/// <summary>A small CLIP looks at images.</summary>
[Kind(TestKind.Fast)]
public sealed class ClipScorerTests : IDisposable
{
    private static readonly ClipScorerOptions Processor = new() { Device = Clouds.Native.Segmentation.ComputeDevice.Cpu };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("red on the left")]
    [InlineData("")]
    [InlineData("blue blue blue blue blue blue blue blue blue blue blue blue blue blue blue blue blue blue blue blue blue blue blue blue blue blue blue blue")]
    public void Cosine_OfAnImageAndAText_IsThatOfTheTowers(string text)
    {
        string path = TinyClip.Write(_folder["clip"]);
        RgbImage image = PatternPainter.Pattern("street", TinyClip.Side, TinyClip.Side);
        float[] planes = new float[image.Pixels.Length];
        new Normalisation(ColourStatistics.Clip.Mean, ColourStatistics.Clip.Deviation).Write(image, planes, TinyClip.Side, TinyClip.Side);
        (float[] seen, float[] read) = TinyClip.Run(path, planes, ClipTokenizer.Load(_folder["clip/tokenizer"]).Row(text).Ids);
        double dot = seen.Zip(read, (a, b) => (double)a * b).Sum();

        foreach (string given in (string[])[path, _folder["clip"]])
        {
            using ClipScorer clip = ClipScorer.Load(given, Processor);
            Assert.Equal(dot / (Length(seen) * Length(read)), ClipScorer.Cosine(clip.Embed(image), clip.Embed(text)), 5);
        }
    }

    [Fact]
    public void Embed_TextsThatDifferBehindTheContext_AreOne()
    {
        TinyClip.Write(_folder["clip"]);
        using ClipScorer clip = ClipScorer.Load(_folder["clip"], Processor);
        string much = string.Concat(Enumerable.Repeat("red ", 80));

        Assert.Same(clip.Embed(much + "left"), clip.Embed(much + "right"));
        Assert.NotEqual(clip.Embed("left"), clip.Embed("right"));
    }

    [Theory]
    [InlineData(96, 64, 48, 32)]
    [InlineData(64, 97, 32, 48)]
    [InlineData(32, 32, 32, 32)]
    [InlineData(10, 15, 32, 48)]
    public void Frame_OfAnyImage_IsTheMiddleOfWhatJustCoversIt(int width, int height, int wide, int high)
    {
        RgbImage image = PatternPainter.Pattern("street", width, height);
        RgbImage cover = PillowBicubic.Resize(image, wide, high);
        RgbImage cut = new ClipFrame(32, 32).Cut(image);

        (int left, int top) = ((wide - 32) / 2, (high - 32) / 2);
        for (int i = 0; i < cut.Pixels.Length; i++)
        {
            (int y, int x) = Math.DivRem(i / 3, 32);
            Assert.Equal(cover.Pixels[(3 * (((top + y) * wide) + left + x)) + (i % 3)], cut.Pixels[i]);
        }
    }

    [Theory]
    [InlineData("no text tower", "token_embedding.weight")]
    [InlineData("no image encoder of a CLIP", "visual.trunk.stem.0.weight")]
    [InlineData("no text tower", "text_projection")]
    [InlineData("ln_final.weight", "ln_final.weight")]
    [InlineData("visual.head.mlp.fc1.weight", "visual.head.mlp.fc1.weight")]
    public void Load_ACLIPThatLacksSomething_NamesIt(string told, string leftOut)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => ClipScorer.Load(TinyClip.Write(_folder["clip"], leaveOut: leftOut), Processor));

        Assert.Equal(Failure.Weights, failure.Failure);
        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3", "a divisor of the text tower's width")]
    [InlineData("\"two\"", "heads")]
    public void Load_SettingsThatDoNotFit_AreNamed(string heads, string told)
    {
        string path = TinyClip.Write(_folder["clip"]);
        File.WriteAllText(_folder["clip/open_clip_config.json"], """{"model_cfg":{"text_cfg":{"heads":N}}}""".Replace("N", heads, StringComparison.Ordinal));
        CloudsException failure = Assert.Throws<CloudsException>(() => ClipScorer.Load(path, Processor));

        Assert.Equal(Failure.Weights, failure.Failure);
        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WithoutItsVocabulary_SaysWhereToPutIt()
    {
        string path = TinyClip.Write(_folder["clip"]);
        Directory.Delete(_folder["clip/tokenizer"], recursive: true);
        CloudsException failure = Assert.Throws<CloudsException>(() => ClipScorer.Load(path, Processor));

        Assert.Equal((Failure.Weights, "49408 tokens"), (failure.Failure, failure.Found));
        Assert.Contains("folder tokenizer", failure.Message, StringComparison.Ordinal);
    }

    private static double Length(float[] vector) => Math.Sqrt(vector.Sum(value => (double)value * value));
}
