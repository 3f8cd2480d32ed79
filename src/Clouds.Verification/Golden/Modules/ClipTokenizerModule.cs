using System.Text.Json;
using Clouds.Native.Tokenizers;
using Clouds.Runtime.Devices;

namespace Clouds.Verification.Golden.Modules;

/// <summary>
/// CLIP's tokenizer with its own vocabulary. The case.json has a form of its own: strings with their ids, and ids with their text. Strings that the
/// reference mends with ftfy are left out and counted under `strings left to ftfy`.
/// </summary>
internal sealed class ClipTokenizerModule : IGoldenModule
{
    private const string LeftOut = "strings left to ftfy";

    public string Name => "clip_tokenizer";

    public bool Supports(GoldenCase golden, out string? why)
    {
        why = golden.Json.TryGetProperty("cases", out JsonElement cases) && cases.ValueKind == JsonValueKind.Array ? null : "a case.json without strings";
        return why is null;
    }

    public IReadOnlyDictionary<string, GoldenTensor> Run(GoldenCase golden, Device device, CancellationToken cancellation)
    {
        ClipTokenizer tokenizer = ClipTokenizer.Default;
        Dictionary<string, GoldenTensor> outputs = new() { ["vocabulary"] = Vector([tokenizer.Count, tokenizer.Start, tokenizer.End]) };
        foreach ((string name, JsonElement text) in Strings(golden))
        {
            TokenRow row = tokenizer.Row(text.GetProperty("text").GetString()!);
            outputs[$"{name}.ids"] = Vector([.. tokenizer.Encode(text.GetProperty("text").GetString()!).Select(id => (long)id)]);
            outputs[$"{name}.context77"] = Vector(row.Ids);
            outputs[$"{name}.truncated"] = Vector([row.Truncated ? 1 : 0]);
        }

        foreach ((string name, JsonElement ids) in Elements(golden, "decode_cases"))
        {
            outputs[$"{name}.text"] = Characters(tokenizer.Decode(ids.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())));
        }

        outputs[LeftOut] = Vector([Elements(golden, "cases").Count() - Strings(golden).Count()]);
        return outputs;
    }

    public IReadOnlyDictionary<string, GoldenTensor> Expected(GoldenCase golden)
    {
        JsonElement vocabulary = golden.Json.GetProperty("vocab");
        long[] sizes = [.. new[] { "size", "start", "end" }.Select(key => vocabulary.GetProperty(key).GetInt64())];
        Dictionary<string, GoldenTensor> expected = new() { ["vocabulary"] = Vector(sizes) };
        foreach ((string name, JsonElement text) in Strings(golden))
        {
            expected[$"{name}.ids"] = Vector(Integers(text.GetProperty("ids")));
            expected[$"{name}.truncated"] = Vector([text.GetProperty("truncated").GetBoolean() ? 1 : 0]);
            if (text.TryGetProperty("context77", out JsonElement row) && row.ValueKind == JsonValueKind.Array)
            {
                expected[$"{name}.context77"] = Vector(Integers(row));
            }
        }

        foreach ((string name, JsonElement ids) in Elements(golden, "decode_cases"))
        {
            expected[$"{name}.text"] = Characters(ids.GetProperty("text").GetString()!);
        }

        expected[LeftOut] = Vector([Elements(golden, "cases").Count(text => NeedsFtfy(text.Element))]);
        return expected;
    }

    private static IEnumerable<(string Name, JsonElement Element)> Strings(GoldenCase golden) =>
        Elements(golden, "cases").Where(text => !NeedsFtfy(text.Element));

    private static bool NeedsFtfy(JsonElement text) => text.TryGetProperty("needs_ftfy", out JsonElement needs) && needs.GetBoolean();

    private static IEnumerable<(string Name, JsonElement Element)> Elements(GoldenCase golden, string list) =>
        golden.Json.TryGetProperty(list, out JsonElement elements) ? elements.EnumerateArray().Select((element, i) => ($"{list}[{i}]", element)) : [];

    private static long[] Integers(JsonElement list) => [.. list.EnumerateArray().Select(id => id.GetInt64())];

    private static GoldenTensor Characters(string text) => Vector([.. text.Select(character => (long)character)]);

    private static GoldenTensor Vector(long[] values) => new(values, values.Length);
}
