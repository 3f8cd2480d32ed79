using System.Globalization;
using Clouds.Cli.Commands;
using Clouds.Cli.Console;
using Clouds.Verification.Kernels;
using Spectre.Console;

namespace Clouds.Cli.Reports;

/// <summary>The matrix of `clouds kernels verify`, for people and for scripts.</summary>
internal static class VerificationTable
{
    /// <summary>Writes the matrix, the counts and what failed.</summary>
    /// <param name="context">Where to.</param>
    /// <param name="report">A run.</param>
    /// <param name="reason">Why the device was chosen; null where the user named it.</param>
    public static void Write(VerbContext context, VerificationReport report, string? reason)
    {
        context.Out.WriteLine($"device: {report.Device}{(reason is null ? "" : $" ({reason})")}");
        WriteMatrix(context.Console, report);
        KernelTable.WriteReasons(context.Out, report.Kernels.Select(kernel => kernel.Bytes).OfType<CountedBytes>().DistinctBy(bytes => bytes.Kernel));
        foreach (VerifiedKernel kernel in report.Kernels)
        {
            foreach (KernelFailure failure in kernel.Failures)
            {
                WriteFailure(context.Out, kernel, failure);
            }
        }

        context.Out.WriteLine($"{Count(report.Kernels.Select(kernel => kernel.Kernel).Distinct().Count(), "kernel")}, "
            + $"{Count(report.Kernels.Select(kernel => kernel.Architecture).Distinct().Count(), "architecture")}: "
            + $"{report.Passed} checks passed, {report.Failed} failed, {report.NotMade} not made");
    }

    private static void WriteMatrix(IAnsiConsole console, VerificationReport report)
    {
        string[] columns = ["kernel", "arch", .. report.Checks, "s"];
        IReadOnlyList<string>[] rows = [.. report.Kernels.Select(kernel => Row(kernel, report.Checks))];
        if (TextTable.Fits(console, columns, rows))
        {
            TextTable.Write(console, columns, rows);
        }
        else
        {
            TextTable.Write(console, ["kernel", "arch", "checks", "s"], report.Kernels.Select(kernel => ShortRow(kernel, report.Checks)));
        }
    }

    /// <summary>The same as an object for JSON.</summary>
    public static object Document(VerificationReport report, string? reason) => new
    {
        device = report.Device,
        reason,
        passed = report.Passed,
        failed = report.Failed,
        notMade = report.NotMade,
        checks = report.Checks,
        kernels = report.Kernels,
    };

    private static IReadOnlyList<string> Row(VerifiedKernel kernel, IReadOnlyList<string> checks) =>
    [
        kernel.Kernel, kernel.Architecture, .. checks.Select(check => Cell(kernel.Checks[check], kernel.Bytes?.Reason is not null)),
        Seconds(kernel),
    ];

    // For narrow terminals: what passed is counted, anything else and figures are shown.
    private static IReadOnlyList<string> ShortRow(VerifiedKernel kernel, IReadOnlyList<string> checks)
    {
        int passed = checks.Count(check => kernel.Checks[check].Mark == CheckMark.Passed);
        IEnumerable<string> others = checks.Where(check => kernel.Checks[check] is { Mark: not CheckMark.Passed } or { Detail: not null })
            .Select(check => $"{check} {Cell(kernel.Checks[check], kernel.Bytes?.Reason is not null)}");
        return [kernel.Kernel, kernel.Architecture, string.Join(", ", others.Prepend($"{passed} ok")), Seconds(kernel)];
    }

    private static string Seconds(VerifiedKernel kernel) => kernel.Seconds.ToString("0.0", CultureInfo.InvariantCulture);

    // A figure stands for a check that held; the star leads to the reason below the table.
    private static string Cell(CheckResult result, bool explained) => result.Mark switch
    {
        CheckMark.Passed => result.Detail is null ? "ok" : explained ? $"{result.Detail}*" : result.Detail,
        CheckMark.Failed => result.Detail is null ? "FAIL" : $"FAIL {result.Detail}",
        CheckMark.NotMade => "-",
        _ => throw new ArgumentOutOfRangeException(nameof(result), result.Mark, "unknown mark"),
    };

    private static void WriteFailure(TextWriter writer, VerifiedKernel kernel, KernelFailure failure)
    {
        writer.WriteLine($"FAIL {kernel.Kernel}, {kernel.Architecture}, {failure.Check}{(failure.Seed is ulong seed ? $", seed {seed}" : "")}");
        writer.WriteLine($"    {failure.Message.ReplaceLineEndings(Environment.NewLine + "    ")}");
        writer.WriteLine($"    repeat: {failure.Repeat}");
    }

    private static string Count(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";
}
