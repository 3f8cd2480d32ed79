using System.Globalization;
using Clouds.Cli.Experiments;
using Clouds.Diagnostics;

namespace Clouds.Tests.Cli.Experiments;

[Kind(TestKind.Fast)]
public sealed class PublishedTablesTests
{
    private static readonly string Method = File.ReadAllText(Path.Combine(Repository.Root, "docs", "method.md"));

    private static PublishedTables Paper => PublishedTables.OfPaper;

    [Fact]
    public void OfPaper_Rows_AreThoseOfMethodSectionEight()
    {
        Assert.Equal([23, 17, 5, 9, 2, 5, 6], Paper.Tables.Select(table => table.Rows.Count));
        Assert.Equal(Paper.Rows.Count(), Paper.Rows.Select(row => row.Row).Distinct().Count());
        Assert.Equal(["Table 1", "Table 2", "Table 3", "Table 4", "Table 5", "Figure 5", "Figure 6"], Paper.Tables.Select(table => table.Name));
        Assert.Equal([26, 36, 1, 4], Enum.GetValues<RowSource>().Select(source => Paper.Rows.Count(row => row.How == source)));
    }

    // The document has a row's numbers with strokes between them: "54.6/46.7/58.6/53.3".
    [Fact]
    public void OfPaper_NumbersOfTables_StandInTheDocument()
    {
        foreach (PublishedRow row in Paper.Rows.Where(row => row.Values is not null))
        {
            string numbers = string.Join('/', row.Values!.Select(PublishedRow.Text).Concat(
                row.Average is not null || row.Values!.Contains(null) ? [PublishedRow.Text(row.Average)] : []));
            Assert.True(Method.Contains(numbers, StringComparison.Ordinal), $"{row.Row}: {numbers}");
        }
    }

    [Theory]
    [InlineData("T4-a-rn50 T4-a-rn101 T4-a-convnext", "| 50.0 | 51.9 | 58.5 |")]
    [InlineData("T4-b-rn50 T4-b-rn101 T4-b-convnext", "| 50.7 | 53.3 | 58.6 |")]
    [InlineData("T4-c-rn50 T4-c-rn101 T4-c-convnext", "| 53.3 | 54.7 | 61.5 |")]
    [InlineData("F5-100 F5-500 F5-1000 F5-5000 F5-10000", "100 -> 58.2; 500 -> 60.2; 1000 -> 61.0; 5000 -> 61.5; 10000 -> 61.6")]
    [InlineData("F6-p5 F6-p10 F6-p50", "5 -> 61.5; 10 -> 60.9; 50 -> 60.0")]
    [InlineData("F6-t0 F6-t5000 F6-t10000", "0 -> 44.5; 5000 -> 61.5; 10000 -> 61.3")]
    public void OfPaper_Averages_StandInTheDocument(string rows, string text)
    {
        Assert.Contains(text, Method, StringComparison.Ordinal);
        double[] written = [.. text.Split('|', ';').Select(part => part.Split("->")[^1].Trim()).Where(part => part.Length > 0)
            .Select(part => double.Parse(part, CultureInfo.InvariantCulture))];
        Assert.Equal(written, rows.Split(' ').Select(row => Paper.Find(row).Row.Average!.Value));
    }

    // One decimal of three numbers and of their mean: 0.05 for rounding each, 0.05 for the mean's own.
    [Fact]
    public void OfPaper_Averages_AreThoseOfTheirSets() =>
        Assert.All(Paper.Rows.Where(row => row.Values is not null && row.Average is not null && !row.Values.Contains(null)),
            row => Assert.True(Math.Abs(row.Values!.Average()!.Value - row.Average!.Value) <= 0.1 + 1e-9, row.Row));

    [Fact]
    public void OfPaper_MethodsOfRows_StandInTheDocumentWithTheirNames() =>
        Assert.All(Paper.Rows.Where(row => row.How == RowSource.Literature), row => Assert.Contains(row.Method, Method, StringComparison.Ordinal));

    [Theory]
    [InlineData("t1-23", "T1-23")]
    [InlineData("F6-T0", "F6-t0")]
    public void Find_OtherLetters_IsTheRow(string name, string row) => Assert.Equal(row, Paper.Find(name).Row.Row);

    [Theory]
    [InlineData("T1-32", "did you mean")]
    [InlineData("T4-c", "T4-c-rn50, T4-c-rn101, T4-c-convnext")]
    [InlineData("nothing", "`clouds reproduce list`")]
    public void Find_NoSuchRow_NamesTheNearest(string name, string expected)
    {
        CloudsException e = Assert.Throws<CloudsException>(() => Paper.Find(name));
        Assert.Equal(Failure.Usage, e.Failure);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }
}
