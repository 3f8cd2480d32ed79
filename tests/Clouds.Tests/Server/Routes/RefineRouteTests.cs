using System.Text.Json;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Tests.Server.Hosting;

namespace Clouds.Tests.Server.Routes;

[Kind(TestKind.Fast)]
public sealed class RefineRouteTests : IAsyncLifetime
{
    private static readonly RgbImage Image = Pictures.Noise(60, 40);
    private static readonly LabelMap Labels = Halves();

    private RunningServer _running = null!;

    public async ValueTask InitializeAsync() => _running = await RunningServer.Start(sam: true);

    public ValueTask DisposeAsync() => _running.DisposeAsync();

    [Theory]
    [InlineData("", 20, 1)]
    [InlineData("?as=ids", 20, 1)]
    [InlineData("?as=ids&threshold=0&seed=7", 0, 7)]
    [InlineData("?as=labels&threshold=100000", 100_000, 1)]
    public async Task Refine_AsMap_IsWhatTheLibraryAnswers(string query, int threshold, int seed)
    {
        using HttpResponseMessage answer = await Post(Form(), query);
        Assert.Equal("image/png", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(Expected(threshold, seed).Map.Ids, LabelPng.Decode(await answer.Content.ReadAsByteArrayAsync()).Ids);
    }

    [Fact]
    public async Task Refine_AsJson_HasEveryComponentAndAnXrayThatTheBrowserMayFrame()
    {
        JsonElement answer = JsonDocument.Parse(await (await Post(Form(), "?as=json")).Content.ReadAsStringAsync()).RootElement;
        RefinementResult expected = Expected(20, 1);
        Assert.Equal(expected.Map.Ids, LabelPng.Decode(answer.GetProperty("labels").GetBytesFromBase64()).Ids);
        Assert.Equal(expected.Components.Select(one => (one.Area, one.Chosen, one.MaskArea)), answer.GetProperty("components").EnumerateArray()
            .Select(one => (one.GetProperty("area").GetInt32(), one.GetProperty("chosen").GetInt32(), one.GetProperty("maskArea").GetInt32())));

        // As the browser asks for what it frames: without the token.
        string page = await _running.Raw($"GET /{answer.GetProperty("xray").GetString()} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", page, StringComparison.Ordinal);
        Assert.Contains($"image.png: {expected.Components.Count} components", page, StringComparison.Ordinal);
        Assert.Contains("sandbox", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Labels_AsAProgramWritesThem_AreTheirIdsInGray(bool palette)
    {
        byte[] file = palette ? LabelPng.EncodePalette(Labels, _running.Classes.Colours) : LabelPng.EncodeGray16(Labels);
        using HttpResponseMessage answer = await _running.Client.PostAsync("labels", RunningServer.Body(file));
        byte[] body = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(LabelPng.EncodeGray8(Labels), body);
    }

    [Fact]
    public async Task Labels_ThatAreNoTrainIds_Are422()
    {
        byte[] high = LabelPng.EncodeGray16(new LabelMap(2, 1, [3, 256]));
        JsonElement failure = await RunningServer.Failure(await _running.Client.PostAsync("labels", RunningServer.Body(high)), 422);
        Assert.Equal("256", failure.GetProperty("found").GetString());
        await RunningServer.Failure(await _running.Client.PostAsync("labels", RunningServer.Body(Image)), 422);
        await RunningServer.Failure(await _running.Client.PostAsync("labels", RunningServer.Body([1, 2, 3])), 422);
    }

    [Fact]
    public async Task Xray_MadeUpName_Is404() => await RunningServer.Failure(await _running.Client.GetAsync("xray/made-up"), 404);

    [Fact]
    public async Task Refine_LabelsOfAnotherSize_Is422()
    {
        JsonElement failure = await RunningServer.Failure(await Post(Form(new LabelMap(30, 40)), ""), 422);
        Assert.Equal("image 60 x 40, map 30 x 40", failure.GetProperty("found").GetString());
    }

    [Fact]
    public async Task Refine_LabelsThatAreNone_Is422()
        => await RunningServer.Failure(await Post(Form(labels: ImageFile.EncodeJpeg(Image)), ""), 422);

    [Theory]
    [InlineData("image")]
    [InlineData("labels")]
    [InlineData("image", "labels", "more")]
    [InlineData("image", "picture")]
    public async Task Refine_OtherParts_Is400(params string[] names)
    {
        MultipartFormDataContent form = [];
        names.ToList().ForEach(name => form.Add(RunningServer.Body(Image), name, "file"));
        await RunningServer.Failure(await Post(form, ""), 400);
    }

    [Theory]
    [InlineData("multipart/form-data", 400)]
    [InlineData("multipart/form-data; boundary=other", 400)]
    [InlineData("image/png", 415)]
    public async Task Refine_NoForm_IsRefused(string type, int status)
        => await RunningServer.Failure(await Post(RunningServer.Body([1, 2, 3], type), ""), status);

    [Theory]
    [InlineData("?threshold=-1")]
    [InlineData("?threshold=1.5")]
    [InlineData("?seed=x")]
    [InlineData("?as=html")]
    public async Task Refine_WrongParameter_Is400(string query) => await RunningServer.Failure(await Post(Form(), query), 400);

    private static LabelMap Halves()
    {
        LabelMap map = new(60, 40);
        for (int i = 0; i < map.Ids.Length; i++)
        {
            map.Ids[i] = i % 60 < 25 ? (ushort)2 : i < 60 * 5 ? LabelMap.Ignore : (ushort)8;
        }

        return map;
    }

    private RefinementResult Expected(int threshold, int seed)
    {
        using PseudoLabelRefiner refiner = new(_running.Models.Sam!.Predictor, _running.Models.Refinement with { SizeThreshold = threshold });
        return refiner.Refine(Image, Labels, new PointSeed((ulong)seed));
    }

    private static MultipartFormDataContent Form(LabelMap? map = null, byte[]? labels = null) => new()
    {
        { RunningServer.Body(Image), "image", "image.png" },
        { RunningServer.Body(labels ?? LabelPng.EncodeGray8(map ?? Labels)), "labels", "labels.png" },
    };

    private Task<HttpResponseMessage> Post(HttpContent form, string query) => _running.Client.PostAsync($"refine{query}", form);
}
