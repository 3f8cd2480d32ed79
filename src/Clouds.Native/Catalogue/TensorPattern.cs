using System.Text.RegularExpressions;
using Clouds.Graph.Json;
using Clouds.Graph.Weights;

namespace Clouds.Native.Catalogue;

/// <summary>
/// One line of a manifest's list of tensors: names, shape and type, for instance "layer{1..4}.0.conv{1,3}.weight 64x64x1x1 F32". Braces hold a range of
/// numbers or several words, and stand for each of them in turn.
/// </summary>
internal static partial class TensorPattern
{
    /// <summary>Most tensors of a line.</summary>
    public const int MostNames = 1 << 14;

    private const int MostDimensions = 8;
    private const string Expected = "\"NAME AxBxC TYPE\", in NAME {0..9} for a range and {a,b} for several words";

    /// <summary>The tensors of a line: name, shape, type.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">The line is none, or stands for more than <see cref="MostNames"/>.</exception>
    public static IEnumerable<(string Name, IReadOnlyList<long> Shape, WeightType Type)> Read(StrictJson line)
    {
        string[] parts = line.Text().Split(' ');
        if (parts.Length != 3 || Shape(parts[1]) is not long[] shape || WeightTypes.Parse(parts[2]) is not WeightType type || type.ByteCount(shape) is null)
        {
            throw line.Wrong(Expected);
        }

        return Expand(line, parts[0]).Select(name => (name, (IReadOnlyList<long>)shape, type));
    }

    private static long[]? Shape(string extents)
    {
        string[] numbers = extents == "scalar" ? [] : extents.Split('x');
        return numbers.Length <= MostDimensions && numbers.All(number => Extent().IsMatch(number)) ? [.. numbers.Select(long.Parse)] : null;
    }

    private static List<string> Expand(StrictJson line, string pattern)
    {
        List<string> names = [""];
        int from = 0;
        foreach (Match braces in Braces().Matches(pattern))
        {
            string before = Plain(line, pattern[from..braces.Index]);
            string[] words = Words(line, braces);
            names = words.Length * names.Count <= MostNames
                ? [.. names.SelectMany(name => words.Select(word => name + before + word))]
                : throw line.Wrong($"at most {MostNames} tensors a line");
            from = braces.Index + braces.Length;
        }

        string rest = Plain(line, pattern[from..]);
        return names.ConvertAll(name => name + rest);
    }

    private static string Plain(StrictJson line, string text) => text.AsSpan().IndexOfAny('{', '}') < 0 ? text : throw line.Wrong(Expected);

    private static string[] Words(StrictJson line, Match braces)
    {
        if (!braces.Groups["first"].Success)
        {
            return [.. braces.Groups["word"].Captures.Select(word => word.Value)];
        }

        (int first, int last) = (int.Parse(braces.Groups["first"].ValueSpan), int.Parse(braces.Groups["last"].ValueSpan));
        return last > first ? [.. Enumerable.Range(first, last - first + 1).Select(number => $"{number}")] : throw line.Wrong("a range from less to more");
    }

    [GeneratedRegex(@"^(0|[1-9]\d{0,9})$")]
    private static partial Regex Extent();

    [GeneratedRegex(@"\{(?:(?<first>\d{1,4})\.\.(?<last>\d{1,4})|(?<word>\w+)(?:,(?<word>\w+))+)\}")]
    private static partial Regex Braces();
}
