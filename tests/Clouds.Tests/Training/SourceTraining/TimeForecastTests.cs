using Clouds.Diagnostics;
using Clouds.Training.SourceTraining;

namespace Clouds.Tests.Training.SourceTraining;

[Kind(TestKind.Fast)]
public sealed class TimeForecastTests
{
    [Theory]
    [InlineData(0.5, 119, null)]
    [InlineData(0.5, 720, "a step takes 0.50 s: the remaining 720 steps take about 6 minutes")]
    [InlineData(2, 9000, "a step takes 2.00 s: the remaining 9000 steps take about 5 hours")]
    [InlineData(12.1, 40_000, "a step takes 12.10 s: the remaining 40000 steps take about 6 days")]
    public void Sentence_SayingHowLong_FitsTheLength(double seconds, long steps, string? sentence) =>
        Assert.Equal(sentence, TimeForecast.Sentence(TimeSpan.FromSeconds(seconds), steps));

    [Fact]
    public void Report_ManySteps_TellsOnceAndPassesAllOn()
    {
        List<string> told = [];
        List<ProgressReport> passed = [];
        TimeForecast forecast = new(new Listener(passed.Add), told.Add);
        for (int step = 1; step <= 10; step++)
        {
            Thread.Sleep(2);
            forecast.Report(new ProgressReport("train", step, 10_000_000));
        }

        Assert.Equal(10, passed.Count);
        Assert.Contains("remaining 9999996 steps", Assert.Single(told), StringComparison.Ordinal);
    }

    private sealed class Listener(Action<ProgressReport> heard) : IProgress<ProgressReport>
    {
        public void Report(ProgressReport value) => heard(value);
    }
}
