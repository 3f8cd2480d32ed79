using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Json;
using Clouds.Native.Tokenizers;

namespace Clouds.Native.Generation.Language;

/// <summary>How a talk is written for a model.</summary>
public enum ChatFormat
{
    /// <summary>Told by the model's files.</summary>
    Told,

    /// <summary>The turns one below the other, for models that were not taught to talk.</summary>
    Plain,

    /// <summary>Llama 2's and Mistral's: [INST] and [/INST] around what users say, &lt;&lt;SYS&gt;&gt; around what the system says.</summary>
    Llama2,

    /// <summary>Llama 3's: a header in front of each turn, &lt;|eot_id|&gt; behind it.</summary>
    Llama3,
}

/// <summary>Writes talks as ids, as the makers' own programs do; what strangers say never becomes a special token.</summary>
internal sealed class ChatWriter
{
    private const string HeaderStart = "<|start_header_id|>";
    private const string HeaderEnd = "<|end_header_id|>";
    private const string TurnEnd = "<|eot_id|>";

    private readonly LanguageTokenizer _tokenizer;
    private readonly int? _start;
    private readonly int? _end;

    /// <param name="format">Not <see cref="ChatFormat.Told"/>.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="start">Id in front of texts; null: none.</param>
    /// <param name="end">Id behind texts; null: none.</param>
    /// <exception cref="CloudsException">Usage: the tokenizer has not the format's marks.</exception>
    public ChatWriter(ChatFormat format, LanguageTokenizer tokenizer, int? start, int? end)
    {
        (Format, _tokenizer, _start, _end) = (format, tokenizer, start, end);
        string? missing = format == ChatFormat.Llama3 ? new[] { HeaderStart, HeaderEnd, TurnEnd }.FirstOrDefault(mark => tokenizer.IdOf(mark) is null) : null;
        if (missing is not null)
        {
            throw new CloudsException(Failure.Usage, "the model cannot be talked to in this format", format.ToString(), $"no token {missing}",
                "a tokenizer with the format's marks", "choose another format");
        }
    }

    /// <summary>The format.</summary>
    public ChatFormat Format { get; }

    /// <summary>Ids behind which a turn of the model's ends, beside those of its files.</summary>
    public IEnumerable<int> Ends => Format == ChatFormat.Llama3 ? [_tokenizer.IdOf(TurnEnd)!.Value] : [];

    /// <summary>The format that a model's files tell of: by the template of tokenizer_config.json, otherwise by the marks that its tokenizer has.</summary>
    public static ChatFormat Tell(StrictJson? tokenizerConfig, LanguageTokenizer tokenizer)
    {
        string? template = tokenizerConfig?.Find("chat_template") switch
        {
            { Kind: JsonValueKind.String } text => text.TextOrEmpty(),
            // Several templates with names, the default one among them.
            { Kind: JsonValueKind.Array } several => string.Concat(several.Items().Select(one => one.Find("template")?.TextOrEmpty())),
            _ => null,
        };
        return (template ?? "").Contains(HeaderStart, StringComparison.Ordinal) || (template is null && tokenizer.IdOf(HeaderStart) is not null)
            ? ChatFormat.Llama3
            : template is null || template.Contains("[INST]", StringComparison.Ordinal) ? ChatFormat.Llama2 : ChatFormat.Plain;
    }

    /// <summary>The ids of a talk, up to where the model's next turn begins.</summary>
    /// <exception cref="CloudsException">Usage: the turns are in no order of a talk.</exception>
    public List<int> Write(IReadOnlyList<ChatTurn> turns)
    {
        ArgumentNullException.ThrowIfNull(turns);
        RequireTalk(turns);
        return Format switch
        {
            ChatFormat.Llama2 => WriteLlama2(turns),
            ChatFormat.Llama3 => WriteLlama3(turns),
            _ => WritePlain(turns),
        };
    }

    private static void RequireTalk(IReadOnlyList<ChatTurn> turns)
    {
        ChatRole[] roles = [.. turns.Select(turn => turn.Role)];
        int system = roles.Length > 0 && roles[0] == ChatRole.System ? 1 : 0;
        bool inTurn = roles.Skip(system).Select((role, i) => role == (i % 2 == 0 ? ChatRole.User : ChatRole.Assistant)).All(right => right);
        if (!inTurn || roles.Length == system || roles[^1] != ChatRole.User)
        {
            throw new CloudsException(Failure.Usage, "the turns are no talk", null, string.Join(", ", roles),
                "perhaps System, then User and Assistant in turn, User last", "put the turns in this order");
        }
    }

    // Meta's llama (2023), generation.py: each question with its answer is a text of its own.
    private List<int> WriteLlama2(IReadOnlyList<ChatTurn> turns)
    {
        bool system = turns[0].Role == ChatRole.System;
        string[] said = [.. turns.Skip(system ? 1 : 0).Select(turn => turn.Text)];
        said[0] = system ? $"<<SYS>>\n{turns[0].Text}\n<</SYS>>\n\n{said[0]}" : said[0];
        List<int> ids = [];
        for (int i = 0; i < said.Length; i += 2)
        {
            bool answered = i + 1 < said.Length;
            Begin(ids);
            ids.AddRange(_tokenizer.Encode($"[INST] {said[i].Trim()} [/INST]" + (answered ? $" {said[i + 1].Trim()} " : ""), marks: false));
            ids.AddRange(answered && _end is int end ? [end] : []);
        }

        return ids;
    }

    // Meta's llama3 (2024), tokenizer.py.
    private List<int> WriteLlama3(IReadOnlyList<ChatTurn> turns)
    {
        List<int> ids = [];
        Begin(ids);
        foreach (ChatTurn turn in turns)
        {
            Header(ids, turn.Role);
            ids.AddRange(_tokenizer.Encode(turn.Text.Trim(), marks: false));
            ids.Add(_tokenizer.IdOf(TurnEnd)!.Value);
        }

        Header(ids, ChatRole.Assistant);
        return ids;
    }

    private void Header(List<int> ids, ChatRole role)
    {
        string name = role switch { ChatRole.System => "system", ChatRole.User => "user", _ => "assistant" };
        ids.AddRange([_tokenizer.IdOf(HeaderStart)!.Value, .. _tokenizer.Encode(name, marks: false), _tokenizer.IdOf(HeaderEnd)!.Value]);
        ids.AddRange(_tokenizer.Encode("\n\n", marks: false));
    }

    private List<int> WritePlain(IReadOnlyList<ChatTurn> turns)
    {
        List<int> ids = [];
        Begin(ids);
        ids.AddRange(_tokenizer.Encode(string.Join("\n\n", turns.Select(turn => turn.Text)), marks: false));
        return ids;
    }

    private void Begin(List<int> ids) => ids.AddRange(_start is int start ? [start] : []);
}
