namespace Clouds.Tests.Architecture;

/// <summary>What a rule returns: one sentence for each break, naming both ends.</summary>
internal static class Findings
{
    /// <summary>Fails with all findings at once.</summary>
    public static void AssertNone(IReadOnlyCollection<string> findings)
        => Assert.True(findings.Count == 0, string.Join(Environment.NewLine, findings));
}
