using System.Text;
using System.Text.Json;
using Clouds.Native.Images;
using Clouds.Native.Sam;
using Clouds.Tests.Server.Hosting;

namespace Clouds.Tests.Server.Routes;

[Kind(TestKind.Fast)]
public sealed class SamRoutesTests : IAsyncLifetime
{
    private static readonly RgbImage Image = Pictures.Noise(60, 40);

    private RunningServer _running = null!;

    public async ValueTask InitializeAsync() => _running = await RunningServer.Start(sam: true, segmenter: false);

    public ValueTask DisposeAsync() => _running.DisposeAsync();

    [Fact]
    public async Task Predict_PointsAndBox_AnswersAsTheLibrary()
    {
        string name = await Embed(Image);
        PromptPoint[] points = [new(10, 12), new(50, 30, Inside: false)];
        PromptAnswer expected = _running.Models.Sam!.Embed(Image).Predict(points, new PromptBox(4, 5, 40, 35));
        JsonElement answer = await Ask($$"""
            {"embedding":"{{name}}","points":[{"x":10,"y":12},{"x":50,"y":30,"inside":false}],"box":[4,5,40,35]}
            """);
        JsonElement[] masks = [.. answer.GetProperty("masks").EnumerateArray()];
        Assert.Equal(expected.Masks.Select(mask => mask.Score), masks.Select(mask => mask.GetProperty("score").GetSingle()));
        Assert.Equal(expected.Best.Score, masks[answer.GetProperty("best").GetInt32()].GetProperty("score").GetSingle());
        Assert.All(expected.Masks.Zip(masks), pair =>
            Assert.Equal(pair.First.ToPixels(), LabelPng.Decode(pair.Second.GetProperty("png").GetBytesFromBase64()).Ids.Select(value => value == 255)));
    }

    [Fact]
    public async Task Predict_Single_AnswersOneMask()
    {
        string name = await Embed(Image);
        JsonElement answer = await Ask($$"""{"embedding":"{{name}}","points":[{"x":10,"y":12}],"single":true}""");
        Assert.Equal(1, answer.GetProperty("masks").GetArrayLength());
    }

    [Fact]
    public async Task Embed_Image_IsKeptOnTheDiskAndUsedByRefinement()
    {
        await Embed(Image);
        EmbeddingCache cache = _running.Models.Embeddings!;
        string[] kept = Directory.GetFiles(cache.Folder!);
        Assert.Single(kept);
        using MultipartFormDataContent form = new()
        {
            { RunningServer.Body(Image), "image", "image.png" }, { RunningServer.Body(LabelPng.EncodeGray8(new LabelMap(60, 40))), "labels", "labels.png" },
        };
        using HttpResponseMessage answer = await _running.Client.PostAsync("refine?as=ids", form);
        Assert.True(answer.IsSuccessStatusCode);
        Assert.Equal(kept, Directory.GetFiles(cache.Folder!));
    }

    [Fact]
    public async Task Embed_SamePixelsInAnotherFile_HaveTheSameName()
    {
        string png = await Embed(Image);
        Assert.Equal(png, await Embed(Image));
        Assert.NotEqual(png, await Embed(Pictures.Noise(60, 40, seed: 2)));
    }

    [Theory]
    [InlineData("""{"points":[{"x":1,"y":1}]}""", "\"embedding\"")]
    [InlineData("""{"embedding":"NAME"}""", "points, or a box")]
    [InlineData("""{"embedding":"NAME","points":[]}""", "points, or a box")]
    [InlineData("""{"embedding":"NAME","points":[{"x":1}]}""", "\"points[0].y\"")]
    [InlineData("""{"embedding":"NAME","points":[{"x":"1","y":1}]}""", "a number of pixels")]
    [InlineData("""{"embedding":"NAME","points":[{"x":1e30,"y":1}]}""", "a number of pixels")]
    [InlineData("""{"embedding":"NAME","points":[{"x":1,"y":1,"inside":1}]}""", "true or false")]
    [InlineData("""{"embedding":"NAME","points":[{"x":1,"y":1,"label":1}]}""", "x, y, inside")]
    [InlineData("""{"embedding":"NAME","box":[1,2,3]}""", "four numbers")]
    [InlineData("""{"embedding":"NAME","box":[9,9,1,1]}""", "four numbers")]
    [InlineData("""{"embedding":"NAME","box":{}}""", "a list")]
    [InlineData("""{"embedding":"NAME","points":3}""", "a list")]
    [InlineData("""[]""", "an object")]
    [InlineData("""{"embedding":"NAME",}""", "JSON to the letter")]
    [InlineData("""{"embedding":"NAME","embedding":"NAME","points":[{"x":1,"y":1}]}""", "each key once")]
    [InlineData("not json", "JSON to the letter")]
    public async Task Predict_WrongJson_Is400AndSaysWhatIsExpected(string body, string expected)
    {
        string name = await Embed(Image);
        JsonElement failure = await RunningServer.Failure(await Post(body.Replace("NAME", name, StringComparison.Ordinal)), 400);
        Assert.Contains(expected, failure.GetProperty("expected").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predict_UnknownEmbedding_Is404()
        => await RunningServer.Failure(await Post("""{"embedding":"0123","points":[{"x":1,"y":1}]}"""), 404);

    [Fact]
    public async Task Embed_SeventeenImages_ForgetTheOneThatWasNotAskedForLongest()
    {
        string first = await Embed(Pictures.Noise(8, 8, seed: 100));
        string second = await Embed(Pictures.Noise(8, 8, seed: 101));
        await Ask($$"""{"embedding":"{{first}}","points":[{"x":1,"y":1}]}""");
        for (ulong seed = 102; seed < 117; seed++)
        {
            await Embed(Pictures.Noise(8, 8, seed));
        }

        await Ask($$"""{"embedding":"{{first}}","points":[{"x":1,"y":1}]}""");
        await RunningServer.Failure(await Post($$"""{"embedding":"{{second}}","points":[{"x":1,"y":1}]}"""), 404);
    }

    [Fact]
    public async Task Segment_WithoutASegmenter_IsNoRoute()
        => await RunningServer.Failure(await _running.Segment(RunningServer.Body(Image)), 404);

    private async Task<string> Embed(RgbImage image)
    {
        using HttpResponseMessage answer = await _running.Client.PostAsync("sam/embed", RunningServer.Body(image));
        JsonElement embedded = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal((image.Width, image.Height), (embedded.GetProperty("width").GetInt32(), embedded.GetProperty("height").GetInt32()));
        return embedded.GetProperty("embedding").GetString()!;
    }

    private Task<HttpResponseMessage> Post(string json)
        => _running.Client.PostAsync("sam/predict", RunningServer.Body(Encoding.UTF8.GetBytes(json), "application/json"));

    private async Task<JsonElement> Ask(string json)
    {
        using HttpResponseMessage answer = await Post(json);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }
}
