using System.Net;
using System.Text.Json;
using Clouds.Native.Images;
using Clouds.Tests.Server.Hosting;

namespace Clouds.Tests.Server.Routes;

[Kind(TestKind.Fast)]
public sealed class SegmentRouteTests : IAsyncLifetime
{
    private static readonly RgbImage Image = Pictures.Noise(80, 56);

    private RunningServer _running = null!;

    public async ValueTask InitializeAsync() => _running = await RunningServer.Start();

    public ValueTask DisposeAsync() => _running.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("?as=labels")]
    [InlineData("?as=ids")]
    public async Task Segment_AsMap_IsThePngOfTheModelsLabels(string query)
    {
        using HttpResponseMessage answer = await _running.Segment(RunningServer.Body(Image), query);
        Assert.Equal((HttpStatusCode.OK, "image/png"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal(_running.Labels(Image), LabelPng.Decode(await answer.Content.ReadAsByteArrayAsync()).Ids);
    }

    [Fact]
    public async Task Segment_AsLabels_HasTheClassesColours()
    {
        byte[] png = await (await _running.Segment(RunningServer.Body(Image))).Content.ReadAsByteArrayAsync();
        RgbImage expected = LabelPainter.Colours(new LabelMap(Image.Width, Image.Height, _running.Labels(Image)), _running.Classes.Colours);
        Assert.Equal(expected.Pixels, ImageFile.Decode(png).Pixels);
    }

    [Theory]
    [InlineData("", 0.5)]
    [InlineData("&opacity=0", 0)]
    [InlineData("&opacity=1", 1)]
    public async Task Segment_AsOverlay_MixesTheColoursOverTheImage(string query, double opacity)
    {
        byte[] png = await (await _running.Segment(RunningServer.Body(Image), $"?as=overlay{query}")).Content.ReadAsByteArrayAsync();
        LabelMap map = new(Image.Width, Image.Height, _running.Labels(Image));
        Assert.Equal(LabelPainter.Overlay(Image, map, _running.Classes.Colours, opacity).Pixels, ImageFile.Decode(png).Pixels);
    }

    [Fact]
    public async Task Segment_AsJson_HasEveryClassWithItsShare()
    {
        JsonElement answer = JsonDocument.Parse(await (await _running.Segment(RunningServer.Body(Image), "?as=json")).Content.ReadAsStringAsync()).RootElement;
        ushort[] labels = _running.Labels(Image);
        Assert.Equal((80, 56), (answer.GetProperty("width").GetInt32(), answer.GetProperty("height").GetInt32()));
        Assert.Equal(labels.Distinct().Count(), answer.GetProperty("classes").GetArrayLength());
        Assert.All(answer.GetProperty("classes").EnumerateArray(), one =>
        {
            int id = one.GetProperty("id").GetInt32();
            Assert.Equal(_running.Classes.Names[id], one.GetProperty("name").GetString());
            Assert.Equal((double)labels.Count(label => label == id) / labels.Length, one.GetProperty("share").GetDouble(), 1e-6);
        });
    }

    [Theory]
    [InlineData("image/jpeg")]
    [InlineData("application/octet-stream")]
    [InlineData("image/png")]
    public async Task Segment_Jpeg_IsReadWhateverImageItIsCalled(string type)
    {
        byte[] jpeg = ImageFile.EncodeJpeg(Image);
        using HttpResponseMessage answer = await _running.Segment(RunningServer.Body(jpeg, type), "?as=ids");
        Assert.Equal(_running.Labels(ImageFile.Decode(jpeg)), LabelPng.Decode(await answer.Content.ReadAsByteArrayAsync()).Ids);
    }
}
