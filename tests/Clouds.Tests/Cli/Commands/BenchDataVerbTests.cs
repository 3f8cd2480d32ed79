using System.Text.Json;
using Clouds.Native.Images;
using Clouds.Tests.Native.Images;
using Clouds.Tests.Training.Datasets;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class BenchDataVerbTests
{
    [Fact]
    public void BenchData_FolderSet_TimesEachPartAndEachNumberOfWorkers()
    {
        using FolderSet set = new();
        CommandLineRun run = CommandLineRun.Clouds(
            "bench", "data", set.Json(), "--preset", "small", "--samples", "8", "--set", "execution.workers=3", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument report = JsonDocument.Parse(run.Out);
        JsonElement[] parts = [.. report.RootElement.GetProperty("parts").EnumerateArray()];
        JsonElement[] rates = [.. report.RootElement.GetProperty("rates").EnumerateArray()];
        Assert.Equal(["read image", "read image and labels", "augment"], parts.Select(part => part.GetProperty("part").GetString()));
        Assert.All(parts, part => Assert.InRange(part.GetProperty("msMin").GetDouble(), 1e-6, part.GetProperty("msMedian").GetDouble()));
        Assert.Equal([1, 2, 3], rates.Select(rate => rate.GetProperty("workers").GetInt32()));
        Assert.All(rates, rate => Assert.True(rate.GetProperty("perSecond").GetDouble() > 0));
    }

    [Fact]
    public void BenchData_Streets_PrintsATableAndRates()
    {
        CommandLineRun run = CommandLineRun.Clouds(
            "bench", "data", "streets?count=2&width=64&height=64", "--preset", "small", "--samples", "2", "--set", "execution.workers=1");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("read image and labels", run.Out, StringComparison.Ordinal);
        Assert.Contains("1 workers: ", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void BenchData_SampleThatCannotBeUsed_IsBadInput()
    {
        using FolderSet set = new();
        ImageFile.WritePng(set["images/b.png"], Pictures.Noise(3, 3));
        CommandLineRun run = CommandLineRun.Clouds("bench", "data", set.Json(), "--preset", "small");
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("different sizes", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void BenchData_NoSamples_IsWrongUse() =>
        Assert.Equal(2, CommandLineRun.Clouds("bench", "data", "streets", "--samples", "0").ExitCode);
}
