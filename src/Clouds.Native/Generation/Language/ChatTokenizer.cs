using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Graph.Json;
using Clouds.Native.Tokenizers;

namespace Clouds.Native.Generation.Language;

/// <summary>A tokenizer that knows how its model is talked to: for whoever trains a model on talks.</summary>
public sealed class ChatTokenizer
{
    private const int MostBytes = 64 << 20;

    private readonly ChatWriter _chat;

    private ChatTokenizer(LanguageTokenizer words, ChatFormat format, int start, int end)
    {
        (Words, Start) = (words, words.Start ?? start);
        _chat = new ChatWriter(format, words, Start, end);
        End = _chat.Ends.Append(end).First();
    }

    /// <summary>The tokenizer.</summary>
    public LanguageTokenizer Words { get; }

    /// <summary>How talks are written.</summary>
    public ChatFormat Format => _chat.Format;

    /// <summary>Id in front of a text.</summary>
    public int Start { get; }

    /// <summary>Id behind a text, and behind an answer.</summary>
    public int End { get; }

    /// <summary>Reads a tokenizer, and its talks' format from the tokenizer_config.json beside it; without one its tokens tell.</summary>
    /// <param name="path">A folder, or a tokenizer.json or tokenizer.model in it.</param>
    /// <param name="start">Id in front of a text where the tokenizer does not tell.</param>
    /// <param name="end">Id behind a text where the format has none of its own.</param>
    /// <exception cref="CloudsException">BadInput: a file is missing, damaged, or of a kind that is not known here.</exception>
    public static ChatTokenizer Load(string path, int start = 1, int end = 2)
    {
        LanguageTokenizer words = LanguageTokenizer.Load(path);
        string folder = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        string file = Path.Combine(folder, LanguageModelFiles.TokenizerConfigName);
        StrictJson? config = !File.Exists(file) ? null : StrictJson.Parse(WholeFile.Read(file, MostBytes),
            new JsonOrigin("the tokenizer's settings", file, Failure.BadInput, "fetch the tokenizer's files again"));
        return new ChatTokenizer(words, ChatWriter.Tell(config, words), start, end);
    }

    /// <summary>Ids of a talk, up to where the model's answer begins.</summary>
    /// <param name="turns">The talk; a user's turn is its last.</param>
    /// <exception cref="CloudsException">Usage: the turns are in no order of a talk.</exception>
    public IReadOnlyList<int> Question(IReadOnlyList<ChatTurn> turns) => _chat.Write(turns);

    /// <summary>Ids of an answer, with what ends it.</summary>
    public IReadOnlyList<int> Answer(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. Words.Encode(text.Trim(), marks: false), End];
    }

    /// <summary>Ids of a text that stands by itself, with its marks.</summary>
    public IReadOnlyList<int> Text(string text) => [Start, .. Words.Encode(text), End];
}
