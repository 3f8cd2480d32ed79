using Clouds.Cli.Experiments;

namespace Clouds.Tests.Cli.Experiments;

[Kind(TestKind.Fast)]
public sealed class ResultBookTests
{
    [Theory]
    [InlineData("T1-23", "T1-23", true)]
    [InlineData("T1-23", "T5-b", true)]
    [InlineData("F5-5000", "T4-c-convnext", true)]
    [InlineData("F6-t5000", "F6-p5", true)]
    [InlineData("T1-06", "T4-c-rn50", true)]
    [InlineData("T1-23", "T5-a", false)]
    [InlineData("T1-23", "T2-17", false)]
    [InlineData("T1-23", "F6-p10", false)]
    [InlineData("T1-18", "T1-19", false)]
    public void Reproduction_OfOneRow_IsThatOfRowsWithTheSameSettings(string run, string asked, bool found) =>
        Assert.Equal(found, new ResultBook([LedgerTests.Entry(run, 60)]).Reproduction(Experiment.Open(asked, [])) is not null);

    [Fact]
    public void Reproduction_SomethingDiffers_IsAnotherResult()
    {
        LedgerEntry shortened = LedgerTests.Entry("T1-06", 60) with { Deviations = ["training.steps is 400, not 40000"] };
        LedgerEntry older = LedgerTests.Entry("T1-06", 59) with { Settings = "of another version" };
        Experiment row = Experiment.Open("T1-06", []);
        Assert.Null(new ResultBook([shortened, older]).Reproduction(row));
        Assert.Equal(older, new ResultBook([shortened, older]).Other(row));
    }

    [Fact]
    public void Reproductions_OfSeveralSeeds_AreAllOfThemAndTheLatestIsShown()
    {
        LedgerEntry[] entries = [LedgerTests.Entry("T1-06", 53), LedgerTests.Entry("T1-06", 54) with { Seed = 2 }];
        ResultBook book = new(entries);
        Experiment row = Experiment.Open("T1-06", ["training.seed=7", "execution.threads=3"]);
        Assert.Equal(entries, book.Reproductions(row));
        Assert.Equal(54, book.Reproduction(row)!.Average);
        Assert.Null(book.Other(row));
    }
}
