using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Language;
using Clouds.Native.Tokenizers;
using Clouds.Training.Datasets;
using Clouds.Training.Language;
using Clouds.Training.Sources;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds train tokenizer`.</summary>
internal sealed class TrainTokenizerVerb : Verb<TrainTokenizerVerb.Options>
{
    public override string Name => "train tokenizer";

    public override string Summary => "learn the vocabulary of a CLIP from captions, or of a Llama from texts";

    public override string Description =>
        "Learns a byte-pair vocabulary from texts: every byte is a token, and so are the pairs of tokens that stand beside each other most "
        + "often. A small world needs few: the table of tokens is what a small CLIP's file is made of otherwise. Words that the texts do not have are "
        + "spelled by shorter tokens.\n\n"
        + "SPEC is a text file, a text a line, or images with captions as for `clouds train clip`. The folder --out gets vocab.json and merges.txt: the "
        + "setting vocabulary of `clouds train clip` and `clouds train diffusion`.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds train tokenizer --data pictures --out vocabulary", "Of a folder with captions.jsonl."),
        new("clouds train tokenizer --data captions.txt --out vocabulary --tokens 2048", "Of a text file."),
        new("clouds train tokenizer --form llama --data world:texts?count=2000 --out words --tokens 1024", "For a language model that writes prompts."),
    ];

    public override bool IsForOneProcess => true;

    protected override int Run(Options options, VerbContext context)
    {
        bool llama = options.IsLlama;
        Require(options.Tokens > LeastTokens(llama), $"--tokens {options.Tokens}", $"more than {LeastTokens(llama)}: bytes, start and end");
        IReadOnlyList<string> texts = context.Progress.Track(progress => Texts(options.Data, context, progress));
        OutputFolder.Create(options.Out);
        Learned learned = llama ? LearnLlama(texts, options) : LearnClip(texts, options);
        context.Out.WriteLine(options.Json
            ? JsonText.Line(new { folder = options.Out, texts = texts.Count, learned.Tokens, learned.Start, learned.End, learned.Longest })
            : string.Create(CultureInfo.InvariantCulture,
                $"{options.Out}: {learned.Tokens} tokens of {texts.Count} texts, the longest of {learned.Longest} tokens with start and end"));
        return ExitCodes.Success;
    }

    private static Learned LearnClip(IReadOnlyList<string> texts, Options options)
    {
        ClipTokenizer tokenizer = ClipTokenizer.Learn(texts, options.Tokens);
        tokenizer.Save(options.Out);
        return new Learned(tokenizer.Count, tokenizer.Start, tokenizer.End, texts.Max(text => tokenizer.Encode(text).Count) + 2);
    }

    private static Learned LearnLlama(IReadOnlyList<string> texts, Options options)
    {
        LanguageTokenizer words = LanguageTokenizer.Learn(options.Out, texts, options.Tokens);
        ChatTokenizer tokenizer = ChatTokenizer.Load(options.Out);
        return new Learned(words.Count, tokenizer.Start, tokenizer.End, texts.Max(text => tokenizer.Text(text).Count));
    }

    // Bytes, in CLIP's form a second time for the ends of words, and marks.
    private static int LeastTokens(bool llama) => llama ? 261 : 514;

    private static IReadOnlyList<string> Texts(string data, VerbContext context, IProgress<ProgressReport> progress)
    {
        if (TextSource.IsOne(data))
        {
            return [.. TextSource.Read(data).SelectMany(text => text.Question.Select(turn => turn.Text).Append(text.Text))];
        }

        ICaptionedImages images = CaptionSource.Open(data, context.Progress.Warn);
        string[] captions = new string[images.Count];
        int done = 0;
        Parallel.For(0, captions.Length, new ParallelOptions { CancellationToken = context.Cancellation }, i =>
        {
            captions[i] = images.Caption(i);
            progress.Report(new ProgressReport("read captions", Interlocked.Increment(ref done), captions.Length));
        });
        return captions;
    }

    private static void Require(bool holds, string found, string expected)
    {
        if (!holds)
        {
            throw new CloudsException(Failure.Usage, "the vocabulary cannot be so small", "clouds train tokenizer", found, expected);
        }
    }

    private sealed record Learned(int Tokens, int Start, int End, int Longest);

    /// <summary>What it learns from, and where to.</summary>
    internal sealed class Options : CommonOptions
    {
        [Option("data", MetaValue = "SPEC", Required = true, HelpText = "Texts or captions.")]
        public string Data { get; set; } = "";

        [Option('o', "out", MetaValue = "DIR", Required = true, HelpText = "Folder of the vocabulary.")]
        public string Out { get; set; } = "";

        [Option("form", MetaValue = "clip|llama", Default = "clip", HelpText = "Whose form it has. Default: clip.")]
        public string Form { get; set; } = "clip";

        [Option("tokens", MetaValue = "N", Default = 49408, HelpText = "Most tokens; CLIP has 49,408.")]
        public int Tokens { get; set; }

        /// <summary>Whether it is Llama's.</summary>
        public bool IsLlama => Form switch
        {
            "llama" => true,
            "clip" => false,
            _ => throw new CloudsException(Failure.Usage, "there is no such form", "clouds train tokenizer", $"--form {Form}", "clip or llama"),
        };
    }
}
