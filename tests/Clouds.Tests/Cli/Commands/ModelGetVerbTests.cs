using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Tests.Native.Catalogue;
using Clouds.Tests.Native.Downloads;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class ModelGetVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SmallManifest _small = new();
    private readonly byte[] _content = [.. "weights"u8];

    private string Digest => Convert.ToHexStringLower(SHA256.HashData(_content));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Model_FromALocalMirror_IsCheckedAndPutWhereAsked()
    {
        System.IO.File.WriteAllBytes(_folder["mirror/small.pth"], _content);
        Publish(("name", "small.pth"), ("url", "https://example.org/small.pth"), ("sha256", Digest));
        CommandLineRun run = Get("small", "--mirror", _folder["mirror"], "-o", _folder["here/"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(Digest, run.Out, StringComparison.Ordinal);
        Assert.Equal(_content, System.IO.File.ReadAllBytes(_folder["here/small.pth"]));
        Assert.Contains("there already", Get("small", "--mirror", _folder["mirror"], "-o", _folder["here/"]).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Model_OfAnotherDigestThanPublished_FailsAsWeightsAndIsRemoved()
    {
        System.IO.File.WriteAllText(_folder["mirror/small.pth"], "something else");
        Publish(("name", "small.pth"), ("url", "https://example.org/small.pth"), ("sha256", Digest[..8]));
        CommandLineRun run = Get("small", "--mirror", _folder["mirror"], "--out", _folder["small.pth"]);
        Assert.Equal((int)Failure.Weights, run.ExitCode);
        Assert.False(System.IO.File.Exists(_folder["small.pth"]));
    }

    [Fact]
    public void Model_OfSeveralParts_ComesWithAllOfThem()
    {
        System.IO.File.WriteAllBytes(_folder["mirror/a.safetensors"], _content);
        System.IO.File.WriteAllBytes(_folder["mirror/b.safetensors"], _content);
        _small.With("files", new JsonArray(
            Entry(("name", "a.safetensors"), ("url", "https://example.org/a"), ("part", "shards")),
            Entry(("name", "b.safetensors"), ("url", "https://example.org/b"), ("part", "shards")),
            Entry(("name", "c.safetensors"), ("url", "https://example.org/c"))));
        CommandLineRun run = Get("small", "--mirror", _folder["mirror"], "--out", _folder["all/"], "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["a.safetensors", "b.safetensors"], Directory.GetFiles(_folder["all"]).Select(Path.GetFileName).Order());
        Assert.All(run.Out.TrimEnd().Split('\n'), line => Assert.Equal(Digest, JsonElement.Parse(line).GetProperty("sha256").GetString()));
    }

    [Fact]
    public void Model_ThatOnlyABrowserGets_IsToldWithItsPageAndLicence()
    {
        CommandLineRun run = CommandLineRun.Clouds("model", "get", "mit_b5", "--out", _folder["m.pth"]);
        Assert.Equal((int)Failure.Usage, run.ExitCode);
        Assert.Contains("https://github.com/NVlabs/SegFormer#training", run.Error, StringComparison.Ordinal);
        Assert.Contains("not for commercial use", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Address_OfAServer_IsFetchedUnderItsName()
    {
        using ScriptedServer server = new(_ => ScriptedServer.Answer("200 OK", _content, ["ETag: \"x\""]));
        CommandLineRun run = Get($"{server["model.pth"]}", "--out", _folder["here/"], "--sha256", Digest.ToUpperInvariant());
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(_content, System.IO.File.ReadAllBytes(_folder["here/model.pth"]));
    }

    [Theory]
    [InlineData("nothing_like_it")]
    [InlineData("small", "--file", "other.pth")]
    [InlineData("small", "--mirror", "/no/such/folder")]
    [InlineData("small", "--sha256", "12345")]
    [InlineData("small", "--sha256", "nothexnothex")]
    [InlineData("http://example.org/m.pth")]
    [InlineData("https://example.org/")]
    [InlineData("https://")]
    public void CommandLine_ThatCannotBeMeant_IsRefusedBeforeAnybodyIsAsked(params string[] arguments)
    {
        Assert.Equal((int)Failure.Usage, Get([.. arguments, "--out", _folder["m.pth"]]).ExitCode);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    private static JsonObject Entry(params (string Key, string Value)[] file) =>
        new(file.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));

    private void Publish(params (string Key, string Value)[] file) => _small.With("files", new JsonArray(Entry(file)));

    private CommandLineRun Get(params string[] arguments)
    {
        string manifests = Directory.CreateDirectory(_folder["manifests"]).FullName;
        _small.Save(manifests);
        return CommandLineRun.Clouds(["model", "get", "--catalogue", manifests, .. arguments]);
    }
}
