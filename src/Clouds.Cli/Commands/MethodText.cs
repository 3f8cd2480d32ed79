using Clouds.Cli.Console;
using Clouds.Cli.Method;

namespace Clouds.Cli.Commands;

/// <summary>What runs of the whole method found, on standard output.</summary>
internal static class MethodText
{
    /// <summary>The paper's tables in miniature and what they say; then the path where to look.</summary>
    /// <param name="results">One a seed.</param>
    /// <param name="json">Whether as a JSON line.</param>
    /// <param name="page">The page, or the file with the numbers.</param>
    /// <param name="context">Where to.</param>
    public static void Write(IReadOnlyList<MethodResult> results, bool json, string page, VerbContext context)
    {
        if (json)
        {
            context.Out.WriteLine(JsonText.Line(new { page, results }));
            return;
        }

        MethodTable table = new(new MethodSummary(results));
        context.Out.WriteLine("Table 4 in miniature, mIoU in %:");
        TextTable.Write(context.Console, MethodTable.FourColumns, table.TableFour);
        if (table.TableFive.Any())
        {
            context.Out.WriteLine("Table 5 in miniature:");
            TextTable.Write(context.Console, MethodTable.FiveColumns, table.TableFive);
        }

        context.Out.WriteLine("Every style:");
        TextTable.Write(context.Console, table.StyleColumns, table.Styles);
        ((string[])[.. table.Claims, .. table.WeakClasses, .. results[0].Plan.LeavesOut.Select(left => $"left out: {left}"), page])
            .ToList().ForEach(context.Out.WriteLine);
    }
}
