using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Graph.Json;
using Clouds.Native.Generation.Language;
using Clouds.Training.Datasets;

namespace Clouds.Training.Language;

/// <summary>
/// Opens texts by what users give: a text file with a text a line; a .jsonl file with a talk a line, {"messages": [{"role": "user", "content": ".."}, ..]},
/// whose last message is the model's; or "world:texts?count=20000&amp;seed=1", the paper's instruction with answers about the wide world.
/// </summary>
public static class TextSource
{
    private const string World = "world:texts";
    private const int DefaultCount = 20_000;

    private static readonly string[] Keys = ["count", "seed"];

    /// <summary>Whether what a user wrote names texts: a file that is no .json, or those of the world.</summary>
    public static bool IsOne(string spec) => IsWorld(spec) || (File.Exists(spec) && !spec.EndsWith(".json", StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads all texts.</summary>
    /// <param name="spec">What the user wrote.</param>
    /// <exception cref="CloudsException">Usage: the text is wrong; BadInput: there is no such file, it holds no text, or a line is no talk.</exception>
    public static IReadOnlyList<LearnedText> Read(string spec) => IsWorld(spec) ? OfWorld(spec)
        : spec.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) ? [.. Lines(spec).Select((line, i) => Talk(line, $"{spec}, line {i + 1}"))]
        : [.. Lines(spec).Select(line => new LearnedText([], line))];

    private static bool IsWorld(string spec) => spec.Split('?')[0].Equals(World, StringComparison.OrdinalIgnoreCase);

    private static IReadOnlyList<LearnedText> OfWorld(string spec)
    {
        Dictionary<string, int> given = SpecQuery.Of(spec).ToDictionary(pair => pair.Key, pair => Number(spec, pair.Key, pair.Value));
        PromptTalks talks = new((ulong)given.GetValueOrDefault("seed", 1));
        LearnedText[] texts = new LearnedText[given.GetValueOrDefault("count", DefaultCount)];
        Parallel.For(0, texts.Length, i => texts[i] = talks.Talk(i));
        return texts;
    }

    private static int Number(string spec, string key, string value) =>
        Keys.Contains(key) && int.TryParse(value, out int number) && number >= (key == "count" ? 1 : 0) ? number
            : throw new CloudsException(Failure.Usage, "the texts cannot be chosen so", spec, $"{key}={value}",
                "count, 1 or more, and seed, 0 or more", $"for instance {World}?count=5000&seed=2");

    private static IReadOnlyList<string> Lines(string file)
    {
        string[] lines = File.Exists(file) ? [.. File.ReadLines(file).Where(line => line.Trim().Length > 0)] : throw Wrong(file, "nothing there");
        return lines.Length > 0 ? lines : throw Wrong(file, "no text");
    }

    private static LearnedText Talk(string line, string place)
    {
        StrictJson json = StrictJson.Parse(System.Text.Encoding.UTF8.GetBytes(line), new JsonOrigin("the talk", place, Failure.BadInput, "correct the line"));
        StrictJson messages = json.Get("messages");
        ChatTurn[] turns = [.. messages.Items().Select(message => new ChatTurn(Role(message.Get("role")), message.Get("content").Text()))];
        return turns.Length > 1 && turns[^1].Role == ChatRole.Assistant ? new LearnedText(turns[..^1], turns[^1].Text)
            : throw messages.Wrong("a user's message at least, and the assistant's as the last");
    }

    private static ChatRole Role(StrictJson role) => role.OneOf("system", "user", "assistant") switch
    {
        "system" => ChatRole.System,
        "user" => ChatRole.User,
        _ => ChatRole.Assistant,
    };

    private static CloudsException Wrong(string file, string found) => new(Failure.BadInput, "the texts cannot be used", file, found,
        $"a text file, a text a line, a .jsonl file, a talk a line, or {World}", "name another file");
}
