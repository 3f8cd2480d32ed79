using System.Text.RegularExpressions;

namespace Clouds.Tests.Architecture;

/// <summary>The walks of src/README.md: every step names a file, the line to start at and what stands there.</summary>
[Kind(TestKind.Fast)]
public sealed partial class WalksTests
{
    private const int LongestWalk = 12;

    [Fact]
    public void Walks_StartEachFileWhereTheySay() =>
        Findings.AssertNone(Check(File.ReadAllText(Path.Combine(Repository.Root, "src", "README.md"))));

    [Fact]
    public void Walks_AreThreeOfAtMostTwelveFiles()
    {
        string[] walks = [.. File.ReadAllText(Path.Combine(Repository.Root, "src", "README.md")).Split("\n### ").Skip(1)];

        Assert.Equal(3, walks.Length);
        Assert.All(walks, walk => Assert.InRange(Step().Count(walk), 5, LongestWalk));
    }

    [Theory]
    [InlineData("[`a`](Clouds.Diagnostics/CloudsException.cs) line 1, `class CloudsException`: x", "stands on line")]
    [InlineData("[`a`](Clouds.Diagnostics/CloudsException.cs) line 1, `class CloudsIdea`: x", "stands nowhere")]
    [InlineData("[`a`](Clouds.Diagnostics/Nothing.cs) line 1, `class`: x", "there is no such file")]
    public void Check_StepThatLeadsNowhere_SaysSo(string step, string finding) => Assert.Contains(finding, Assert.Single(Check($"1. {step}\n")));

    private static IReadOnlyList<string> Check(string readme) => [.. Step().Matches(readme).Select(Finding).OfType<string>()];

    private static string? Finding(Match step)
    {
        (string file, int line, string start) = (step.Groups["file"].Value, int.Parse(step.Groups["line"].Value), step.Groups["start"].Value);
        string path = Path.Combine(Repository.Root, "src", file);
        if (!File.Exists(path))
        {
            return $"src/README.md -> {file}: there is no such file";
        }

        int at = Array.FindIndex(File.ReadAllLines(path), text => text.Contains(start, StringComparison.Ordinal)) + 1;
        return at == line ? null : $"src/README.md -> {file}: `{start}` stands {(at == 0 ? "nowhere" : $"on line {at}, not {line}")}";
    }

    [GeneratedRegex(@"^\d+\. \[`[^`]+`\]\((?<file>[^)]+)\) line (?<line>\d+), `(?<start>[^`]+)`:", RegexOptions.Multiline)]
    private static partial Regex Step();
}
