using System.Text.Json;
using Clouds.Cli.Commands;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class BenchNetworksVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void BenchNetworks_TwoNetworks_CountsTheirWorkAndTimesIt()
    {
        CommandLineRun run = Run("bench", "networks", "in_rn50", "small", "--size", "64x32", "--runs", "1", "--threads", "1", "--json");
        Assert.Equal(0, run.ExitCode);
        JsonElement answer = JsonElement.Parse(run.Out);
        JsonElement[] rows = [.. answer.GetProperty("networks").EnumerateArray()];
        Assert.Equal(["in_rn50", "small"], rows.Select(row => row.GetProperty("network").GetString()));
        Assert.Equal("1 x 3 x 32 x 64", rows[0].GetProperty("problem").GetString());

        // ResNet-50 without its head: 4.087 billion multiplications with an addition at 224 x 224, so 32 * 64 / 224^2 of it here.
        Assert.InRange(rows[0].GetProperty("multiplyAdds").GetDouble(), 0.16e9, 0.18e9);
        foreach (JsonElement row in rows)
        {
            Assert.InRange(row.GetProperty("msMin").GetDouble(), 1e-3, row.GetProperty("msMedian").GetDouble());
            double speed = 2 * row.GetProperty("multiplyAdds").GetDouble() / row.GetProperty("msMedian").GetDouble() / 1e6;
            Assert.Equal(speed, row.GetProperty("gigaOperationsPerSecond").GetDouble(), speed * 1e-6);
            Assert.Equal(speed / answer.GetProperty("productGigaOperations").GetDouble(), row.GetProperty("productShare").GetDouble(), 1e-6);
        }
    }

    [Fact]
    public void BenchCompare_NetworksOfTwoRuns_SetsThemSideBySide()
    {
        const string Row = """{"networks": [{"network": "in_rn50", "problem": "1 x 3 x 32 x 64", "threads": 2, "msMedian": MS, "msMin": MS}]}""";
        (string first, string second) = (_folder["first.json"], _folder["second.json"]);
        File.WriteAllText(first, Row.Replace("MS", "10", StringComparison.Ordinal));
        File.WriteAllText(second, Row.Replace("MS", "5", StringComparison.Ordinal));
        CommandLineRun run = Run("bench", "compare", first, second);
        Assert.Contains("in_rn50, 1 x 3 x 32 x 64, 2 threads  10.000    5.000      0        2.000", run.Out);
    }

    [Theory]
    [InlineData("there is no such network", "in_rn5")]
    [InlineData("the size cannot be used", "small", "--size", "100x100")]
    [InlineData("the number of samples is wrong", "small", "--runs", "0")]
    public void BenchNetworks_WrongCommandLine_IsOneError(string what, params string[] arguments)
    {
        CommandLineRun run = Run(["bench", "networks", .. arguments]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(what, run.Error);
    }

    private static CommandLineRun Run(params string[] arguments) => CommandLineRun.Of([new BenchNetworksVerb(), new BenchCompareVerb()], arguments);
}
