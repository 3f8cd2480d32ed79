using Clouds.Cli.Experiments;
using Clouds.Diagnostics;

namespace Clouds.Tests.Cli.Experiments;

[Kind(TestKind.Fast)]
public sealed class LedgerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private Ledger Ledger => new(_folder["ledger.jsonl"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_NothingYet_IsEmpty() => Assert.Empty(Ledger.Read());

    [Fact]
    public void Append_Results_AreReadAsTheyWere()
    {
        LedgerEntry entry = Entry("T1-06", 50.25) with { Deviations = ["training.steps is 3, not 6"], Seed = null };
        Ledger.Append(entry);
        Ledger.Append(Entry("T1-14", null));
        IReadOnlyList<LedgerEntry> read = Ledger.Read();
        Assert.Equal(["T1-06", "T1-14"], read.Select(one => one.Row));
        Assert.Equal((50.25, null), (read[0].Average, read[1].Average));
        Assert.Equal(entry.Deviations, read[0].Deviations);
        Assert.False(read[0].IsReproduction);
        Assert.Equal(entry.Scores[0].Classes, read[0].Scores[0].Classes);
        Assert.Equal(entry.Date, read[0].Date);
    }

    [Fact]
    public void Append_AfterALineThatWasCutShort_LosesNeitherResult()
    {
        Ledger.Append(Entry("T1-06", 1));
        byte[] whole = File.ReadAllBytes(Ledger.Path);
        for (int kept = 1; kept < whole.Length; kept += 37)
        {
            File.WriteAllBytes(Ledger.Path, [.. whole, .. whole[..kept]]);
            Ledger.Append(Entry("T1-14", 2));
            Assert.Equal(["T1-06", "T1-14"], Ledger.Read().Select(entry => entry.Row).Distinct());
        }
    }

    [Fact]
    public void Append_BySeveralAtOnce_HasAllLines()
    {
        Parallel.For(0, 24, i => new Ledger(_folder["ledger.jsonl"]).Append(Entry($"row {i}", i)));
        Assert.Equal(Enumerable.Range(0, 24).Select(i => $"row {i}").Order(), Ledger.Read().Select(entry => entry.Row).Order());
    }

    [Fact]
    public void Append_NoSuchFolder_IsAnOutputFailure() =>
        Assert.Equal(Failure.Output, Assert.Throws<CloudsException>(() => new Ledger("/proc/none/ledger.jsonl").Append(Entry("x", 1))).Failure);

    internal static LedgerEntry Entry(string row, double? average) => new()
    {
        Row = row,
        Date = new DateTimeOffset(2026, 11, 29, 3, 4, 5, TimeSpan.Zero),
        Versions = new Dictionary<string, string> { ["clouds"] = "1" },
        Machine = new Dictionary<string, string> { ["device"] = "cpu" },
        Settings = SettingsOf(row),
        Deviations = [],
        Seed = 1,
        Inputs = new Dictionary<string, string> { ["source"] = "0123" },
        Stages = [new LedgerStage(1, "stage-1/0", 10, 0.5)],
        Scores = [new LedgerScore("cityscapes", 500, "original", average, new Dictionary<string, double?> { ["road"] = 90.5, ["train"] = null })],
        Average = average,
        Hours = 1.5,
        Folder = "rows/x",
    };

    private static string SettingsOf(string row) => PublishedTables.OfPaper.Rows.FirstOrDefault(known => known.Row == row) is PublishedRow { IsRun: true } known
        ? SettingsDigest.Of(Experiment.Of(known, []).Own.Value)
        : "0";
}
