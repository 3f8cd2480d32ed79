using System.Diagnostics;
using Clouds.Native.Images;
using Clouds.Tests.Native.Sam;

namespace Clouds.Tests.Cli.Commands;

/// <summary>Verbs with a cache of embeddings, also as two processes that share one.</summary>
[Kind(TestKind.Fast)]
public sealed class EmbeddingOptionsTests : IDisposable
{
    private const int Images = 12;
    private readonly TemporaryFolder _folder = new();

    public EmbeddingOptionsTests()
    {
        TinySam.Write(_folder["sam.safetensors"]);
        LabelMap map = new(64, 48, [.. Enumerable.Range(0, 64 * 48).Select(i => (ushort)(i % 64 / 9))]);
        for (int i = 0; i < Images; i++)
        {
            RgbImage image = Pictures.Noise(64, 48);
            image.Pixels[0] = (byte)i;
            ImageFile.WritePng(_folder[$"images/{i:00}.png"], image);
            LabelPng.WriteGray8(_folder[$"labels/{i:00}.png"], map);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Refine_WithAndWithoutTheCache_WritesTheSameMaps()
    {
        Assert.Equal(0, CommandLineRun.Clouds(Arguments("plain", "--no-cache")).ExitCode);
        Assert.Equal(0, CommandLineRun.Clouds(Arguments("first", "--cache", _folder["cache"])).ExitCode);
        Assert.Equal(Images, Directory.GetFiles(_folder["cache"]).Length);
        Assert.Equal(0, CommandLineRun.Clouds(Arguments("second", "--cache", _folder["cache"])).ExitCode);
        AssertSame("first");
        AssertSame("second");
    }

    [Fact]
    public void Refine_CacheThatCannotBeMade_WarnsAndRefines()
    {
        File.WriteAllText(_folder["cache"], "");
        CommandLineRun run = CommandLineRun.Clouds(Arguments("out", "--cache", _folder["cache"]));
        Assert.Equal(0, run.ExitCode);
        Assert.Single(run.Error.Split('\n'), line => line.Contains("embeddings cannot be kept", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("NaN")]
    [InlineData("much")]
    public void Refine_SizeThatIsNone_IsAUsageFailure(string size) =>
        Assert.Equal(2, CommandLineRun.Clouds(Arguments("out", "--cache", _folder["cache"], "--cache-size", size)).ExitCode);

    // 6e-6 GiB are room for two of twelve, so both processes make and remove entries all the time.
    [Theory]
    [InlineData("10")]
    [InlineData("0.000006")]
    public async Task Refine_TwoProcessesWithOneCache_BothWriteWhatOneAloneDoes(string size)
    {
        Assert.Equal(0, CommandLineRun.Clouds(Arguments("plain", "--no-cache")).ExitCode);
        Task<(int Code, string Error)>[] both = [.. new[] { "one", "two" }.Select(name => Refine(name, size))];
        foreach ((int code, string error) in await Task.WhenAll(both))
        {
            Assert.True(code == 0, error);
            Assert.DoesNotContain("embedding", error, StringComparison.Ordinal);
        }

        AssertSame("one");
        AssertSame("two");
        Assert.All(Directory.GetFiles(_folder["home/clouds/embeddings"]), path => Assert.EndsWith(".embedding", path, StringComparison.Ordinal));
        Assert.InRange(Directory.GetFiles(_folder["home/clouds/embeddings"]).Length, 1, size == "10" ? Images : 3);
    }

    private async Task<(int Code, string Error)> Refine(string output, string size)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "clouds"), Arguments(output, "--cache-size", size))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["XDG_CACHE_HOME"] = _folder["home"];
        using Process process = Process.Start(start)!;
        Task<string> said = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await said;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, error);
    }

    private void AssertSame(string output) => Assert.All(Enumerable.Range(0, Images), i => Assert.Equal(
        File.ReadAllBytes(_folder[$"plain/{i:00}.refined.png"]), File.ReadAllBytes(_folder[$"{output}/{i:00}.refined.png"])));

    private string[] Arguments(string output, params string[] more) =>
    [
        "refine", _folder["images"], _folder["labels"], "--sam", _folder["sam.safetensors"], "--out", _folder[output], "--threshold", "50", "--device", "cpu",
        .. more,
    ];
}
