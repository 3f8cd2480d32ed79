using Clouds.Cli.Console;
using Clouds.Cli.Method;
using Spectre.Console;

namespace Clouds.Cli.Commands;

/// <summary>What runs of the whole method found, in text.</summary>
internal static class MethodText
{
    /// <summary>Writes it to standard output, and last where to look.</summary>
    /// <param name="results">One a seed.</param>
    /// <param name="json">Whether as a JSON line.</param>
    /// <param name="page">Where to look.</param>
    /// <param name="context">Where to.</param>
    public static void Write(IReadOnlyList<MethodResult> results, bool json, string page, VerbContext context)
    {
        if (json)
        {
            context.Out.WriteLine(JsonText.Line(new { page, results }));
            return;
        }

        Write(results, context.Out, context.Console);
        context.Out.WriteLine(page);
    }

    /// <summary>The same for a file.</summary>
    public static string Of(IReadOnlyList<MethodResult> results)
    {
        using StringWriter text = new() { NewLine = "\n" };
        Write(results, text, AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text) }));
        return text.ToString();
    }

    // The paper's tables in miniature, and what they say.
    private static void Write(IReadOnlyList<MethodResult> results, TextWriter text, IAnsiConsole console)
    {
        MethodTable table = new(new MethodSummary(results));
        text.WriteLine("Table 4 in miniature, mIoU in %:");
        TextTable.Write(console, MethodTable.FourColumns, table.TableFour);
        if (table.TableFive.Any())
        {
            text.WriteLine("Table 5 in miniature:");
            TextTable.Write(console, MethodTable.FiveColumns, table.TableFive);
        }

        text.WriteLine("Every style:");
        TextTable.Write(console, table.StyleColumns, table.Styles);
        ((string[])[.. table.Claims, .. table.WeakClasses, .. results[0].Plan.LeavesOut.Select(left => $"left out: {left}")]).ToList().ForEach(text.WriteLine);
    }
}
