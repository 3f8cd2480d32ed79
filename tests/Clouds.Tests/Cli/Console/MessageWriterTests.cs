using Clouds.Cli.Console;
using Clouds.Diagnostics;

namespace Clouds.Tests.Cli.Console;

/// <summary>What a user sees while work goes on, on a small terminal of ours.</summary>
[Kind(TestKind.Fast)]
public class MessageWriterTests
{
    private static readonly Dictionary<string, double> Metrics = new()
    {
        ["loss"] = 12.345, ["loss of the classes"] = 1.5, ["loss of the masks"] = 2.5, ["loss of the dice"] = 3.5, ["learning rate"] = 1e-4,
    };

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(200)]
    public void Track_Terminal_RedrawsOneLineThatFits(int columns)
    {
        Screen screen = new(columns);
        MessageWriter error = new(screen, () => columns);
        screen.Write("$ clouds train\n");
        Track(error, "train", 50, () =>
        {
            Assert.Equal(2, screen.Rows.Count);
            Assert.InRange(screen.Rows[1].Length, 20, columns - 1);
        });
        Assert.Equal(["$ clouds train", "train 50/50 in 50 s"], screen.Rows);
    }

    [Fact]
    public void Track_PartOfAWhole_IsATableWithTheTimesOfStepStageAndRun()
    {
        Screen screen = new(100);
        screen.Write("$ clouds train\n");
        List<string> last = [];
        Track(new MessageWriter(screen, () => 100, () => 24), "stage 1: train", 50, () =>
        {
            Assert.Equal(7, screen.Rows.Count);
            last = [.. screen.Rows];
        }, whole: 150);
        Assert.Equal(
        [
            "$ clouds train",
            "                done                                    time       to go",
            "step            50                                    1.00 s",
            "stage 1: train  [####################] 50/50 (100 %)    50 s         0 s",
            "run             [######..............] 50/150 (33 %)    50 s  about 1:40",
            "loss 12.35  loss of the classes 1.5  loss of the masks 2.5",
            "loss of the dice 3.5  learning rate 0.0001",
        ], last);
        Assert.Equal(["$ clouds train", "stage 1: train 50/50 in 50 s"], screen.Rows);
    }

    [Theory]
    [InlineData(60, 24)]
    [InlineData(100, 6)]
    [InlineData(100, null)]
    public void Track_PartOfAWholeWithoutRoom_IsOneLine(int columns, int? rows)
    {
        Screen screen = new(columns);
        Track(new MessageWriter(screen, () => columns, () => rows), "stage 1: train", 50, () => Assert.Single(screen.Rows), whole: 150);
    }

    [Fact]
    public void WriteLine_WhileATableIsShown_StandsAboveIt()
    {
        Screen screen = new(40);
        MessageWriter error = new(screen, () => 40, () => 10);
        error.Show("line", ["first", "second and longer", "third"]);
        error.WriteLine("clouds: a sentence that is longer than the terminal is wide");
        Assert.Equal(["clouds: a sentence that is longer than t", "he terminal is wide", "first", "second and longer", "third"], screen.Rows);
        error.Show("line", ["1", "2"]);
        Assert.Equal(["1", "2"], screen.Rows.TakeLast(2));
        error.Show("line");
        error.Show("");
        Assert.Equal(2, screen.Rows.Count);
    }

    [Fact]
    public void Track_TableAndTheTerminalIsResized_LeavesNothingBehind()
    {
        Screen screen = new(200);
        int[] widths = [200, 60, 120, 40, 80, 61, 200];
        int i = 0;
        Track(new MessageWriter(screen, () => screen.Columns, () => 24), "train", 50, () => screen.Columns = widths[i++ % widths.Length], whole: 150);
        Assert.Equal(["train 50/50 in 50 s"], screen.Rows);
    }

    [Fact]
    public void Track_TerminalIsResized_LeavesNothingBehind()
    {
        Screen screen = new(200);
        MessageWriter error = new(screen, () => screen.Columns);
        int[] widths = [200, 60, 120, 40, 80, 61, 200];
        int i = 0;
        Track(error, "train", 50, () =>
        {
            Assert.Single(screen.Rows);
            screen.Columns = widths[i++ % widths.Length];
        });
        Assert.Equal(["train 50/50 in 50 s"], screen.Rows);
    }

    [Theory]
    [InlineData("測試図の街景")]
    [InlineData("a\nb\x1b[2Ac")]
    public void Track_WideAndControlCharacters_StayInOneLine(string stage)
    {
        Screen screen = new(40);
        MessageWriter error = new(screen, () => 40);
        Track(error, stage, 5, () => Assert.Single(screen.Rows));
    }

    [Fact]
    public void WriteLine_WhileAStatusIsShown_StandsAboveIt()
    {
        Screen screen = new(40);
        MessageWriter error = new(screen, () => 40);
        error.Show("1 of 2");
        error.WriteLine("clouds: a sentence that is longer than the terminal is wide");
        error.WriteLine("clouds: short");
        Assert.Equal(["clouds: a sentence that is longer than t", "he terminal is wide", "clouds: short", "1 of 2"], screen.Rows);
        error.Show("");
        Assert.Equal(3, screen.Rows.Count);
    }

    [Fact]
    public void WriteLine_StreamIsGone_IsDropped() => new MessageWriter(new BrokenWriter()).WriteLine("nobody hears this");

    [Fact]
    public void ResultWriter_StreamIsGone_IsAnOutputFailure()
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => new ResultWriter(new BrokenWriter()).WriteLine("a result"));
        Assert.Equal(Failure.Output, failure.Failure);
        Assert.Equal("standard output", failure.Where);
    }

    private static void Track(MessageWriter error, string stage, int steps, Action look, int? whole = null)
    {
        ManualTime time = new();
        new ProgressDisplay(error, ProgressStyle.Live, time).Track(progress =>
        {
            for (int done = 0; done <= steps; done++)
            {
                ProgressReport? run = whole is int total ? new ProgressReport("run", done, total) : null;
                progress.Report(new ProgressReport(stage, done, steps, Metrics) { Whole = run });
                look();
                time.Advance(done < steps ? 1 : 0);
            }
        });
    }

    private sealed class BrokenWriter : StringWriter
    {
        public override void Write(string? value) => throw new IOException("No space left on device");
    }
}
