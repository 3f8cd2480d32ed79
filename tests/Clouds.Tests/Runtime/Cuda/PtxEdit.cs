using System.Text.RegularExpressions;

namespace Clouds.Tests.Runtime.Cuda;

/// <summary>A change of one instruction in one kernel's PTX.</summary>
internal static class PtxEdit
{
    /// <summary>Replaces the n-th match inside a kernel; other files are left alone.</summary>
    public static string Replace(string ptx, string kernel, string pattern, string replacement, int occurrence = 0)
    {
        int start = ptx.IndexOf($".entry {kernel}(", StringComparison.Ordinal);
        if (start < 0)
        {
            return ptx;
        }

        int end = ptx.IndexOf("\n}", start, StringComparison.Ordinal);
        MatchCollection matches = Regex.Matches(ptx[start..end], pattern);
        Assert.True(matches.Count > occurrence, $"'{pattern}' occurs {matches.Count} times");
        Match match = matches[occurrence];
        return string.Concat(ptx.AsSpan(0, start + match.Index), match.Result(replacement), ptx.AsSpan(start + match.Index + match.Length));
    }
}
