using System.Text.Json;
using Clouds.Cli.Commands;
using Clouds.Tests.Native.Generation.Language;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class BenchLanguageVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void BenchLanguage_AModel_CountsItsBytesAndTimesIt()
    {
        string folder = TinyLlama.Write(_folder["llama"]);
        CommandLineRun run = Run("bench", "language", folder, "--threads", "1", "--prompt", "9", "--tokens", "5", "--json");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        JsonElement row = JsonElement.Parse(run.Out);
        double Number(string name) => row.GetProperty(name).GetDouble();

        // Two blocks of 2 x 48 x 48 + 2 x 24 x 48 + 3 x 72 x 48 and norms of 2 x 48, and lm_head of 64 x 48, in single precision.
        Assert.Equal(4 * ((2 * (4608 + 2304 + 10368 + 96)) + 3072), Number("bytesPerToken"));
        Assert.Equal((9, 5, 1), (Number("prompt"), Number("answer"), Number("threads")));
        Assert.All(new[] { "tokensPerSecond", "promptTokensPerSecond", "readGigabytes", "loadSeconds" }, name => Assert.True(Number(name) > 0, name));
        Assert.InRange(Number("peakBytes"), Number("loadedBytes") / 2, 1e12);
        Assert.Equal(Number("readGigabytes") * 1e9 / Number("bytesPerToken"), Number("limit"), Number("limit") * 1e-9);
        Assert.Equal(Number("tokensPerSecond") / Number("limit"), Number("shareOfLimit"), 1e-9);
    }

    [Theory]
    [InlineData("--tokens", "0")]
    [InlineData("--prompt", "0")]
    [InlineData("--layers", "0")]
    [InlineData("--bits", "3")]
    public void BenchLanguage_WrongNumber_IsOneError(string option, string value)
    {
        CommandLineRun run = Run("bench", "language", option, value);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(option, run.Error, StringComparison.Ordinal);
    }

    private static CommandLineRun Run(params string[] arguments) => CommandLineRun.Of([new BenchLanguageVerb()], arguments);
}
