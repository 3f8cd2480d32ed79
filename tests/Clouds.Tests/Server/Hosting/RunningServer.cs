using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Native.Sam;
using Clouds.Native.Segmentation;
using Clouds.Server.Hosting;
using Clouds.Server.Options;
using Clouds.Tests.Cli.Commands;
using Clouds.Tests.Native.Sam;

namespace Clouds.Tests.Server.Hosting;

/// <summary>A server in this process over the tiny model, on a port of its own, and a client that knows the token.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder;

    private RunningServer(ServedModels models, CloudsServer server, ServerOptions options, TemporaryFolder folder)
    {
        (Models, Server, _folder) = (models, server, folder);
        Client = new HttpClient { BaseAddress = server.Address };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Token);
        Token = options.Token;
    }

    /// <summary>Whom it asks.</summary>
    public ServedModels Models { get; }

    public CloudsServer Server { get; }

    public HttpClient Client { get; }

    public string Token { get; }

    /// <summary>Classes of the tiny model.</summary>
    public ClassSet Classes => Models.Segmenter!.Classes;

    /// <summary>What the model answers in this process.</summary>
    public ushort[] Labels(RgbImage image) => Models.Segmenter!.Segment(image).Labels;

    /// <summary>Starts one.</summary>
    /// <param name="options">Null: all as it is by itself.</param>
    /// <param name="sam">With a tiny Segment Anything.</param>
    /// <param name="segmenter">With the tiny model.</param>
    public static async Task<RunningServer> Start(ServerOptions? options = null, bool sam = false, bool segmenter = true)
    {
        options ??= new ServerOptions();
        TemporaryFolder folder = new();
        SegmentAnything? masks = sam ? OpenSam(folder) : null;
        ServedModels models = new()
        {
            Segmenter = segmenter ? OpenSegmenter(options.Sessions) : null,
            Sam = masks,
            Embeddings = masks is null ? null : new EmbeddingCache(masks, folder["embeddings"]),
            Refinement = new RefinementOptions { SizeThreshold = 20, Points = 2 },
            Xray = picture => $"<!DOCTYPE html><title>x-ray</title><p>{picture.Title}: {picture.Result.Components.Count} components</p>",
        };
        return new RunningServer(models, await CloudsServer.StartAsync(models, options), options, folder);
    }

    private static Segmenter OpenSegmenter(int sessions)
        => Segmenter.Load(TinyRun.Model, new() { Device = ComputeDevice.Cpu, ShortSide = 0, Sessions = sessions, Threads = 1 });

    private static SegmentAnything OpenSam(TemporaryFolder folder)
    {
        TinySam.Write(folder["sam.safetensors"]);
        return SegmentAnything.Load(folder["sam.safetensors"], new() { Device = ComputeDevice.Cpu, Threads = 1 });
    }

    /// <summary>A body of a type.</summary>
    public static ByteArrayContent Body(byte[] bytes, string type = "image/png")
        => new(bytes) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

    /// <summary>The PNG of a picture.</summary>
    public static ByteArrayContent Body(RgbImage image) => Body(ImageFile.EncodePng(image));

    public Task<HttpResponseMessage> Segment(HttpContent body, string query = "") => Client.PostAsync($"segment{query}", body);

    /// <summary>Reads a failure, and holds it against the form that every failure has.</summary>
    public static async Task<JsonElement> Failure(HttpResponseMessage answer, int status)
    {
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == (int)answer.StatusCode, $"{(int)answer.StatusCode}: {text}");
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        JsonElement failure = JsonDocument.Parse(text).RootElement;
        Assert.Equal("error", failure.GetProperty("type").GetString());
        Assert.Equal(status, failure.GetProperty("status").GetInt32());
        Assert.NotEmpty(failure.GetProperty("what").GetString()!);
        Assert.NotEmpty(failure.GetProperty("next").GetString()!);
        return failure;
    }

    /// <summary>Sends the bytes of a request as they are, and returns all that comes back until the server closes.</summary>
    /// <param name="request">Lines; TOKEN and HOST stand for the right ones.</param>
    public async Task<string> Raw(string request)
    {
        using TcpClient client = await Begin(request);
        using StreamReader reader = new(client.GetStream());
        return await reader.ReadToEndAsync().WaitAsync(Longest);
    }

    /// <summary>Sends the bytes of a request, or of the beginning of one, on a connection of its own.</summary>
    public async Task<TcpClient> Begin(string request)
    {
        TcpClient client = new();
        await client.ConnectAsync(Server.Address.Host, Server.Address.Port);
        string text = request.Replace("TOKEN", Token, StringComparison.Ordinal).Replace("HOST", Server.Address.Authority, StringComparison.Ordinal);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
        return client;
    }

    /// <summary>Waits until /health has a number, or fails.</summary>
    public async Task Until(string member, int expected)
    {
        int found = -1;
        for (Stopwatch watch = Stopwatch.StartNew(); found != expected; await Task.Delay(2))
        {
            Assert.True(watch.Elapsed < Longest, $"{member} is {found}, not {expected}");
            found = JsonDocument.Parse(await Client.GetStringAsync("health")).RootElement.GetProperty(member).GetInt32();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.StopAsync();
        await Server.DisposeAsync();
        Models.Segmenter?.Dispose();
        Models.Sam?.Dispose();
        _folder.Dispose();
    }
}
