using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Json;

namespace Clouds.Native.Generation.Prompts;

/// <summary>A prompt as a JSON object; what is not known is left out.</summary>
internal static class PromptJson
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One line.</summary>
    public static string Write(Prompt prompt)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes, Readable))
        {
            json.WriteStartObject();
            json.WriteString("prompt", prompt.Text);
            WriteList(json, "classes", prompt.Classes);
            WriteText(json, "context", prompt.Context);
            WriteList(json, "faults", prompt.Faults.Select(Word));
            WriteOrigin(json, prompt.Origin);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>Reads a line.</summary>
    /// <param name="line">An object.</param>
    /// <param name="where">File and line.</param>
    /// <param name="text">The origin of a prompt of which the line tells none.</param>
    /// <exception cref="CloudsException">BadInput: it is no such object.</exception>
    public static Prompt Read(string line, string where, PromptOrigin text)
    {
        StrictJson json = StrictJson.Parse(
            Encoding.UTF8.GetBytes(line), new JsonOrigin("a line of the list of prompts", where, Failure.BadInput, "correct the line, or take it out"));
        return new Prompt
        {
            Text = OneLine(json.Get("prompt")),
            Classes = [.. json.Find("classes")?.Items().Select(item => item.Text()) ?? []],
            Context = json.Find("context")?.TextOrEmpty() ?? "",
            Faults = [.. json.Find("faults")?.Items().Select(Choice<PromptFault>) ?? []],
            Origin = json.Find("source") is StrictJson source ? Origin(json, Choice<PromptSource>(source)) : text,
        };
    }

    private static string OneLine(StrictJson json)
    {
        string text = json.Text().Trim();
        return text.Length > 0 && !text.Any(char.IsControl) ? text : throw json.Wrong("words on one line");
    }

    private static PromptOrigin Origin(StrictJson json, PromptSource source) => new(source)
    {
        Name = json.Find("name")?.Text(),
        Digest = json.Find("digest")?.Text(),
        Seed = json.Find("seed")?.Whole(long.MinValue),
        Attempt = json.Find("attempt")?.Number(1, int.MaxValue),
        Index = json.Find("index")?.Number(0, int.MaxValue) ?? 0,
    };

    private static void WriteOrigin(Utf8JsonWriter json, PromptOrigin origin)
    {
        json.WriteString("source", Word(origin.Source));
        WriteText(json, "name", origin.Name);
        WriteText(json, "digest", origin.Digest);
        WriteNumber(json, "seed", origin.Seed);
        WriteNumber(json, "attempt", origin.Attempt);
        json.WriteNumber("index", origin.Index);
    }

    private static void WriteText(Utf8JsonWriter json, string key, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            json.WriteString(key, text);
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, string key, long? number)
    {
        if (number is long value)
        {
            json.WriteNumber(key, value);
        }
    }

    private static void WriteList(Utf8JsonWriter json, string key, IEnumerable<string> words)
    {
        if (words.Any())
        {
            json.WriteStartArray(key);
            words.ToList().ForEach(json.WriteStringValue);
            json.WriteEndArray();
        }
    }

    private static string Word<T>(T choice)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(choice.ToString());

    private static T Choice<T>(StrictJson json)
        where T : struct, Enum => Enum.Parse<T>(json.OneOf([.. Enum.GetValues<T>().Select(Word)]), ignoreCase: true);
}
