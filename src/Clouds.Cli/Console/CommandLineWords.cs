using Clouds.Diagnostics;

namespace Clouds.Cli.Console;

/// <summary>
/// The libraries speak of their parameters and members; whoever reads their failures at a command line knows its options and verbs. Members with an option
/// are named by it, and what a verb can tell about a failure is said behind it.
/// </summary>
internal static class CommandLineWords
{
    /// <summary>Members of the libraries, and what they are here; longer ones first.</summary>
    internal static readonly IReadOnlyList<(string Member, string Option)> Options =
    [
        ("ComputeDevice.Auto", "--device auto"),
        ("ComputeDevice.Cpu", "--device cpu"),
        ("ExportOptions.Batch", "--batch"),
        ("ExportOptions.Height", "--size"),
        ("ExportOptions.Network", "--network"),
        ("ExportOptions.Opset", "--opset"),
        ("ExportOptions.Tolerance", "--tolerance"),
        ("ExportOptions.Width", "--size"),
        ("SegmenterOptions.Cuda", "execution.cuda"),
        ("SegmenterOptions.LongSide", "--long-side"),
        ("SegmenterOptions.ShortSide", "--short-side"),
        ("SegmenterOptions.Threads", "execution.threads"),
        ("ServerOptions.Drain", "--drain"),
        ("ServerOptions.MaxBody", "--max-body"),
        ("ServerOptions.MaxPixels", "--max-pixels"),
        ("ServerOptions.Port", "--port"),
        ("ServerOptions.Queue", "--queue"),
        ("ServerOptions.Sessions", "--sessions"),
        ("ServerOptions.Timeout", "--timeout"),
        ("TrainingOptions.AcceptChangedData", "--accept-changed-data"),
        ("TrainingOptions.AcceptMemory", "--accept-memory"),
        ("TrainingOptions.Resume", "--resume"),
        ("with data.on", "with --set data.on"),
    ];

    private static readonly IReadOnlyList<(Func<CloudsException, bool> Fits, string Hint)> Hints =
    [
        (failure => failure.Where?.StartsWith("training: ", StringComparison.Ordinal) == true,
            "`clouds config show` lists every setting with its present value"),
        (failure => Speaks(failure, "\"idMap\"") || Speaks(failure, "data.on"), "`clouds data check` shows what a data set holds"),
    ];

    /// <summary>A failure's message in these words.</summary>
    public static string Of(CloudsException failure)
    {
        string message = Options.Aggregate(failure.Message, (text, word) => text.Replace(word.Member, word.Option, StringComparison.Ordinal));
        IEnumerable<string> hints = Hints.Where(hint => hint.Fits(failure)).Select(hint => $"{Environment.NewLine}  {"hint",-9} {hint.Hint}");
        return message + string.Concat(hints);
    }

    private static bool Speaks(CloudsException failure, string of) => failure.Next?.Contains(of, StringComparison.Ordinal) == true;
}
