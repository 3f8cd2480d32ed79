using Clouds.Diagnostics;
using Clouds.Graph.Json;
using Clouds.Graph.Randomness;
using Clouds.Graph.Weights;
using Clouds.Models.Llama;
using Clouds.Native.Catalogue;
using Clouds.Native.Tokenizers;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Generation.Language;

/// <summary>
/// A Llama that answers (method.md section 5.1): Llama 2, Llama 3 and their kin. Not for several callers at once. Dispose it.
/// </summary>
/// <example>
/// <code>
/// using LanguageModel model = LanguageModel.Load("Llama-2-7b-chat-hf");
/// string answer = model.Answer([new(ChatRole.User, "Name three kinds of weather.")], new AnswerOptions(), seed: 1);
/// </code>
/// </example>
public sealed class LanguageModel : ILanguageModel
{
    private const int DefaultContext = 4096;
    private const string Purpose = "answer";

    private readonly LanguageTokenizer _tokenizer;
    private readonly ChatWriter _chat;
    private readonly HashSet<int> _ends;
    private readonly SharedWeights _weights;
    private readonly TextGraph _graph;

    private LanguageModel(LanguageModelFiles files, LanguageModelOptions options)
    {
        StrictJson json = files.Json(LanguageModelFiles.ConfigName)!;
        LlamaConfig config = LlamaSettings.Read(json);
        BlockForm? form = StoredForm.Read(files.Weights);
        _tokenizer = files.ReadTokenizer();
        RequireTokens(files, config);
        IReadOnlyList<int> ends = LlamaSettings.Ends(files.Json(LanguageModelFiles.GenerationName), json);
        ChatFormat format = options.Format != ChatFormat.Told ? options.Format
            : ChatWriter.Tell(files.Json(LanguageModelFiles.TokenizerConfigName), _tokenizer);
        _chat = new ChatWriter(format, _tokenizer, LlamaSettings.Start(json) ?? _tokenizer.Start, ends.Count > 0 ? ends[0] : null);
        _ends = [.. ends, .. _chat.Ends];
        int capacity = options.Context == 0 ? Math.Min(config.Context, DefaultContext) : options.Context;
        LanguageModelOptions.Require(capacity <= config.Context, nameof(LanguageModelOptions.Context), capacity, $"{config.Context} tokens at most");
        _weights = new SharedWeights(Weights(files, config, form));
        try
        {
            _graph = new TextGraph(config, form, _weights, capacity, Device.Cpu, new SessionSettings { Threads = options.Threads });
        }
        catch
        {
            _weights.Dispose();
            throw;
        }

        Facts = new LanguageModelFacts
        {
            Name = files.Name, Context = capacity, Precision = StoredForm.Word(files.Weights, form), Files = [],
            FilesWhenAsked = new Lazy<IReadOnlyList<ImportedFile>>(() => files.Digests(default)),
        };
    }

    /// <inheritdoc/>
    public LanguageModelFacts Facts { get; }

    /// <inheritdoc/>
    public bool HasEnded { get; private set; }

    /// <inheritdoc/>
    public int Tokens(string text) => _tokenizer.Encode(text, marks: false).Count;

    /// <summary>Loads a model.</summary>
    /// <param name="path">A folder as Hugging Face publishes it, or a file that `clouds model import --quantize` wrote.</param>
    /// <param name="options">How; null: as by default.</param>
    /// <exception cref="CloudsException">BadInput: no language model, or one of a kind that is not known here; Weights: its weights are damaged or do not fit;
    /// Numeric: they are not finite; Device: there is no room for them; Usage: an option is out of range.</exception>
    public static LanguageModel Load(string path, LanguageModelOptions? options = null)
    {
        LanguageModelOptions chosen = options ?? new LanguageModelOptions();
        chosen.Require();
        LanguageModelFiles files = LanguageModelFiles.Open(path);
        try
        {
            return new LanguageModel(files, chosen);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Answer(
        IReadOnlyList<ChatTurn> turns, AnswerOptions options, long seed, IProgress<string>? written = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Require();
        int[] talk = [.. _chat.Write(turns)];
        RequireRoom(talk.Length);
        TokenChoice choice = new(_tokenizer.Count, options, new RandomStream((ulong)seed, Purpose));
        AnswerText text = new(_tokenizer.Text(goesOn: _chat.Format == ChatFormat.Plain), options.Stop, written);
        _graph.Rewind();
        _graph.Feed(talk, stop);
        for (int count = 1; ; count++)
        {
            // Networks may have rows that fill up their table and are no token.
            int next = choice.Next(_graph.Scores[.._tokenizer.Count]);
            HasEnded = _ends.Contains(next);
            if (HasEnded)
            {
                return text.End(ended: false);
            }

            if (text.Add(next))
            {
                return text.End(ended: true);
            }

            if (count == options.MaximumTokens)
            {
                return text.End(ended: false);
            }

            RequireRoom(_graph.Seen + 1);
            _graph.Step(next, stop);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _graph.Dispose();
        _weights.Dispose();
    }

    private static FrozenWeights Weights(LanguageModelFiles files, LlamaConfig config, BlockForm? form)
    {
        FrozenWeights weights = FrozenWeights.From(files.Weights, TextGraph.ParametersOf(config, form));
        long bytes = form is null ? weights.Tensors.Sum(tensor => tensor.Elements * sizeof(float)) : weights.Tensors.Sum(tensor => tensor.Bytes);
        if (bytes > Device.Cpu.Memory.Free)
        {
            weights.Dispose();
            throw new CloudsException(Failure.Device, "the language model does not fit the memory", files.Path, $"{Device.Cpu.Memory.Free} bytes free",
                $"{bytes} bytes for its weights",
                form is null ? "make a smaller one of it: clouds model import --quantize int4" : "free memory, or take a smaller model");
        }

        return weights;
    }

    private void RequireTokens(LanguageModelFiles files, LlamaConfig config)
    {
        if (_tokenizer.Count > config.Vocabulary)
        {
            throw new CloudsException(Failure.BadInput, "tokenizer and network are not of one model", files.Path, $"a tokenizer of {_tokenizer.Count} tokens",
                $"{config.Vocabulary} at most", "fetch config.json, tokenizer and weights from one place");
        }
    }

    private void RequireRoom(int tokens)
    {
        if (tokens > _graph.Capacity)
        {
            throw new CloudsException(Failure.BadInput, "talk and answer are longer than what the language model can see", Facts.Name, $"{tokens} tokens",
                $"{_graph.Capacity} at most", "ask a shorter question, ask for fewer tokens, or load a model with a larger context");
        }
    }
}
