using System.Text.RegularExpressions;

namespace Clouds.Tests.Runtime.Cuda;

/// <summary>Plants defects in PTX.</summary>
internal static class Mutant
{
    /// <summary>Replaces the n-th match; fails where there is none, since a mutant that is no mutant proves nothing.</summary>
    public static string Replace(string ptx, string pattern, string replacement, int occurrence = 0)
    {
        MatchCollection matches = Regex.Matches(ptx, pattern);
        Assert.True(matches.Count > occurrence, $"'{pattern}' occurs {matches.Count} times");
        Match match = matches[occurrence];
        return string.Concat(ptx.AsSpan(0, match.Index), match.Result(replacement), ptx.AsSpan(match.Index + match.Length));
    }

    /// <summary>Deletes the n-th block barrier of a kernel.</summary>
    public static string WithoutBarrier(string ptx, string kernel, int occurrence) => InKernel(ptx, kernel, body => Replace(body, @"bar\.sync\s+0;", "", occurrence));

    /// <summary>Turns the n-th atomic of a form into a load, the operation and a store.</summary>
    public static string Weakened(string ptx, string kernel, string space, string operation, string type, int occurrence = 0)
        => InKernel(ptx, kernel, body => Replace(
            body,
            $@"atom\.{space}\.{operation}\.{type}\s+(%\w+), (\[[^\]]+\]), ([^;]+);",
            $"{{ .reg .b32 before; .reg .b32 after; ld.{space}.u32 before, $2; {operation}.{(operation == "add" ? "s32" : type)} after, before, $3; st.{space}.u32 $2, after; mov.u32 $1, before; }}",
            occurrence));

    /// <summary>Changes one kernel's text only.</summary>
    public static string InKernel(string ptx, string kernel, Func<string, string> change)
    {
        int start = ptx.IndexOf($".entry {kernel}(", StringComparison.Ordinal);
        Assert.True(start >= 0, $"no kernel {kernel}");
        int end = ptx.IndexOf("\n}", start, StringComparison.Ordinal);
        return string.Concat(ptx.AsSpan(0, start), change(ptx[start..end]), ptx.AsSpan(end));
    }
}
