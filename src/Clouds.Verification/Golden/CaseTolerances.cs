using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Clouds.Diagnostics;

namespace Clouds.Verification.Golden;

/// <summary>What case.json says about comparing: `tolerances`, `special_tolerances` and `compare`.</summary>
internal sealed partial class CaseTolerances
{
    private readonly Dictionary<string, Tolerance> _tolerances = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonElement> _rules = new(StringComparer.Ordinal);
    private readonly List<SpecialSlice> _slices = [];

    public static CaseTolerances Read(JsonElement json, string file)
    {
        CaseTolerances result = new();
        foreach (JsonProperty entry in Section(json, "tolerances"))
        {
            result._tolerances[entry.Name] = Tolerance.Read(entry.Value) ?? throw Wrong(file, $"tolerances.{entry.Name}", "atol and rtol");
        }

        foreach (JsonProperty entry in Section(json, "compare"))
        {
            result._rules[entry.Name] = entry.Value;
        }

        foreach (JsonProperty entry in Section(json, "special_tolerances"))
        {
            Tolerance tolerance = Tolerance.Read(entry.Value) ?? throw Wrong(file, $"special_tolerances.{entry.Name}", "atol and rtol");
            result._slices.Add(SpecialSlice.Parse(entry.Name, tolerance)
                ?? throw Wrong(file, $"special_tolerances.{entry.Name}", "a name such as weight[64:128]"));
        }

        return result;
    }

    public Tolerance? Find(string tensor) => _tolerances.GetValueOrDefault(tensor);

    /// <summary>The entry of `compare`; null for the plain rule.</summary>
    public JsonElement? Rule(string tensor) => _rules.TryGetValue(tensor, out JsonElement rule) ? rule : null;

    /// <summary>Slices of a tensor that have a tolerance of their own.</summary>
    public IReadOnlyList<SpecialSlice> Slices(string tensor) => [.. _slices.Where(slice => slice.Tensor == tensor)];

    private static IEnumerable<JsonProperty> Section(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement section) && section.ValueKind == JsonValueKind.Object ? section.EnumerateObject() : [];

    private static CloudsException Wrong(string file, string key, string expected) =>
        new(Failure.BadInput, "a tolerance of a golden case cannot be read", $"{file}: {key}",
            null, expected, "check case.json against the README of the golden data");

    /// <summary>A slice in Python's notation, one `first:end` for each leading dimension.</summary>
    internal sealed partial record SpecialSlice(string Tensor, IReadOnlyList<(long First, long End)> Ranges, Tolerance Tolerance)
    {
        public static SpecialSlice? Parse(string key, Tolerance tolerance)
        {
            Match match = Form().Match(key);
            if (!match.Success)
            {
                return null;
            }

            List<(long First, long End)> ranges = [];
            foreach (string range in match.Groups[2].Value.Split(','))
            {
                string[] ends = range.Split(':');
                ranges.Add((End(ends[0], 0), ends.Length == 1 ? End(ends[0], 0) + 1 : End(ends[1], long.MaxValue)));
            }

            return new SpecialSlice(match.Groups[1].Value, ranges, tolerance);
        }

        /// <summary>Whether an element lies in the slice; element counts in C order within a tensor of the shape.</summary>
        public bool Holds(long element, IReadOnlyList<long> shape)
        {
            for (int axis = shape.Count - 1; axis >= 0; axis--)
            {
                (element, long at) = Math.DivRem(element, shape[axis]);
                if (axis < Ranges.Count && (at < Ranges[axis].First || at >= Ranges[axis].End))
                {
                    return false;
                }
            }

            return Ranges.Count <= shape.Count;
        }

        private static long End(string text, long absent) => text.Trim().Length == 0 ? absent : long.Parse(text, CultureInfo.InvariantCulture);

        [GeneratedRegex(@"^(.+)\[(\s*\d*\s*(?::\s*\d*\s*)?(?:,\s*\d*\s*(?::\s*\d*\s*)?)*)\]$")]
        private static partial Regex Form();
    }
}
