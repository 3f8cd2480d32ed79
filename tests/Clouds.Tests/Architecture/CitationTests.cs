namespace Clouds.Tests.Architecture;

[Kind(TestKind.Fast)]
public class CitationTests
{
    private static readonly string[] Citing = [".cs", ".cu", ".cuh", ".csproj", ".props", ".targets", ".sh", ".cake", ".py", ".proto", ".md"];

    private static readonly Documents Ours = new(TextFile.All(".md"));

    private static readonly Documents Sample = new(
    [
        new("docs/method.md", "# The method\n\n## 1. Network\n### 1.3 Pixel decoder\n### 1.4 Transformer decoder\n## 12. Questions, open ones\n"),
        new("docs/style.md", "# Style\n\n**6. Every kernel opens with its card.** More.\n"),
        new("DECISIONS.md", "# Decisions\n\n## 12. Masked attention\n"),
        new("tools/README.md", "# tools\n"),
    ]);

    [Fact]
    public void Repository_CitesOnlyWhatExists()
        => Findings.AssertNone([.. TextFile.All(Citing).Where(file => !IsThis(file)).SelectMany(file => Citations.Check(file, Ours))]);

    [Fact]
    public void MarkdownFiles_PointOnlyAtWhatExists()
        => Findings.AssertNone(
            [.. TextFile.All(".md").SelectMany(file => MarkdownLinks.Check(file, Ours, path => Path.Exists(Path.Combine(Repository.Root, path))))]);

    [Fact]
    public void Repository_IsSearchedWhole()
    {
        IReadOnlyList<TextFile> files = TextFile.All(Citing);

        Assert.Contains(files, file => file.Path == "kernels/ema.cu");
        Assert.Contains(files, file => file.Path == "README.md");
        Assert.Contains(
            files, file => file.Path.StartsWith("src/", StringComparison.Ordinal) && file.Text.Contains("method.md section", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("// (method.md section 1.5)", "method.md 1.5")]
    [InlineData("/// method.md sections 1.3, 1.4 and 1.5;", "method.md 1.5")]
    [InlineData("/// method.md sections 1.3 to 1.9.", "method.md 1.9")]
    [InlineData("/// (method.md\n    /// section 2).", "method.md 2")]
    [InlineData("\"see method.md \"\n    + \"section 7\"", "method.md 7")]
    [InlineData("// style.md habit 7", "style.md 7")]
    [InlineData("// decision 13", "DECISIONS.md 13")]
    [InlineData("// decisions 12 and 14", "DECISIONS.md 14")]
    [InlineData("// design.md", "design.md")]
    [InlineData("// tools/NOTES.md", "tools/NOTES.md")]
    [InlineData("// method section 1.3", "method section 1.3")]
    public void Check_CitationOfNothing_NamesFileAndLine(string text, string cited)
        => Assert.StartsWith($"src/A.cs:2 -> {cited}:", Assert.Single(Citations.Check(new TextFile("src/A.cs", "\n" + text), Sample)));

    [Theory]
    [InlineData("src/A.cs", "method.md section 1.3; method.md sections 1.3 and 1.4, kept; method.md section 1.")]
    [InlineData("src/A.cs", "style.md habit 6, decision 12, tools/README.md, paper section 3.3")]
    [InlineData("tools/P/A.csproj", "../README.md, DECISIONS.md")]
    [InlineData("docs/method.md", "see section 1.3, paper section 9 and section 8 of the paper")]
    public void Check_CitationOfSomething_FindsNothing(string path, string text) => Assert.Empty(Citations.Check(new TextFile(path, text), Sample));

    [Fact]
    public void Check_SectionOfTheDocumentItself_IsLookedFor()
        => Assert.StartsWith("docs/method.md:1 -> method.md 1.9:", Assert.Single(Citations.Check(new TextFile("docs/method.md", "as in section 1.9"), Sample)));

    [Theory]
    [InlineData("[a](../docs/none.md)", "../docs/none.md")]
    [InlineData("[a](../../docs/method.md)", "../../docs/method.md")]
    [InlineData("[a](../docs/method.md#1-networks)", "../docs/method.md#1-networks")]
    [InlineData("[a](#toolz)", "#toolz")]
    [InlineData("`src/Clouds.None/`", "src/Clouds.None/")]
    public void Check_LinkToNothing_NamesFileAndLine(string text, string target)
        => Assert.StartsWith($"tools/README.md:2 -> {target}:", Assert.Single(Links("\n" + text)));

    [Theory]
    [InlineData("[a](../docs/method.md#12-questions-open-ones) [b](README.md) [c](#tools) [d](https://example.org/none.md) [e](../docs)")]
    [InlineData("`docs/method.md` `src/*.cs` `src/A/bin/Release/a`")]
    public void Check_LinkToSomething_FindsNothing(string text) => Assert.Empty(Links(text));

    private static IReadOnlyList<string> Links(string text)
        => MarkdownLinks.Check(new TextFile("tools/README.md", text), Sample, path => path is "docs" or "docs/method.md" or "tools/README.md");

    // Its made-up citations are wrong on purpose.
    private static bool IsThis(TextFile file) => file.Path.EndsWith($"/{nameof(CitationTests)}.cs", StringComparison.Ordinal);
}
