using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Clouds.Tests.Server.Hosting;

namespace Clouds.Tests.Server.Routes;

[Kind(TestKind.Fast)]
public sealed class StateRoutesTests : IAsyncLifetime
{
    private RunningServer _running = null!;

    public async ValueTask InitializeAsync() => _running = await RunningServer.Start();

    public ValueTask DisposeAsync() => _running.DisposeAsync();

    [Fact]
    public async Task Health_AtRest_IsOk()
        => Assert.Equal("""{"status":"ok","running":0,"waiting":0}""", await _running.Client.GetStringAsync("health"));

    [Fact]
    public async Task Models_NamesTheClassesWithTheirColours()
    {
        JsonElement segmenter = JsonDocument.Parse(await _running.Client.GetStringAsync("models")).RootElement.GetProperty("segmenter");
        Assert.Equal("cpu", segmenter.GetProperty("device").GetString());
        JsonElement[] classes = [.. segmenter.GetProperty("classes").EnumerateArray()];
        Assert.Equal(_running.Classes.Names, classes.Select(one => one.GetProperty("name").GetString()));
        Assert.Equal([128, 64, 128], classes[0].GetProperty("colour").EnumerateArray().Select(value => value.GetInt32()));
    }

    [Fact]
    public async Task Metrics_CountRequestsByRouteMethodAndStatus()
    {
        await _running.Segment(RunningServer.Body(Pictures.Gradient(40, 30)));
        await _running.Segment(RunningServer.Body(Pictures.Gradient(40, 30)));
        await _running.Segment(RunningServer.Body([1, 2, 3]));
        await _running.Client.GetAsync("made/up/route");
        await _running.Client.SendAsync(new HttpRequestMessage(new HttpMethod("MADEUP"), "segment"));
        string text = await _running.Client.GetStringAsync("metrics");
        Assert.Equal(2, Value(text, "clouds_requests_total{route=\"/segment\",method=\"POST\",status=\"200\"}"));
        Assert.Equal(1, Value(text, "clouds_requests_total{route=\"/segment\",method=\"POST\",status=\"422\"}"));
        Assert.Equal(1, Value(text, "clouds_requests_total{route=\"none\",method=\"GET\",status=\"404\"}"));
        Assert.Equal(3, Value(text, "clouds_request_seconds_count{route=\"/segment\"}"));
        Assert.Equal(0, Value(text, "clouds_requests_waiting"));
        Assert.InRange(Value(text, "clouds_memory_resident_bytes"), 1e7, 1e12);
        Assert.DoesNotContain("MADEUP", text, StringComparison.Ordinal);
        Assert.DoesNotContain("made/up", text, StringComparison.Ordinal);
    }

    private static double Value(string text, string name)
    {
        Match line = Regex.Match(text, $"^{Regex.Escape(name)} (?<value>\\S+)$", RegexOptions.Multiline);
        return double.Parse(line.Groups["value"].Value, CultureInfo.InvariantCulture);
    }
}
