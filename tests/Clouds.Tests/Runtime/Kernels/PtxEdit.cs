using System.Text.RegularExpressions;

namespace Clouds.Tests.Runtime.Kernels;

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

    /// <summary>Replaces the n-th match, in whichever kernel it is; fails where there is none, since a defect that is none proves nothing.</summary>
    public static string ReplaceAnywhere(string ptx, string pattern, string replacement, int occurrence = 0)
    {
        MatchCollection matches = Regex.Matches(ptx, pattern);
        Assert.True(matches.Count > occurrence, $"'{pattern}' occurs {matches.Count} times");
        Match match = matches[occurrence];
        return string.Concat(ptx.AsSpan(0, match.Index), match.Result(replacement), ptx.AsSpan(match.Index + match.Length));
    }

    /// <summary>Deletes the n-th block barrier of a kernel.</summary>
    public static string WithoutBarrier(string ptx, string kernel, int occurrence) => Replace(ptx, kernel, @"bar\.sync\s+0;", "", occurrence);
}
