using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Cli.Reports;
using Clouds.Diagnostics;
using Clouds.Native.Tokenizers;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds train tokenizer`.</summary>
internal sealed class TrainTokenizerVerb : Verb<TrainTokenizerVerb.Options>
{
    private const int LeastTokens = 514;

    public override string Name => "train tokenizer";

    public override string Summary => "learn a CLIP's vocabulary from captions";

    public override string Description =>
        "Learns a byte-pair vocabulary of CLIP's form from texts: every byte is a token, and so are the pairs of tokens that stand beside each other most "
        + "often. A small world needs few: the table of tokens is what a small CLIP's file is made of otherwise. Words that the texts do not have are "
        + "spelled by shorter tokens.\n\n"
        + "SPEC is a text file, a text a line, or images with captions as for `clouds train clip`. The folder --out gets vocab.json and merges.txt: the "
        + "setting vocabulary of `clouds train clip` and `clouds train diffusion`.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds train tokenizer --data pictures --out vocabulary", "Of a folder with captions.jsonl."),
        new("clouds train tokenizer --data captions.txt --out vocabulary --tokens 2048", "Of a text file."),
    ];

    public override bool IsForOneProcess => true;

    protected override int Run(Options options, VerbContext context)
    {
        Require(options.Tokens > LeastTokens, $"--tokens {options.Tokens}", $"more than {LeastTokens}: bytes, start and end");
        IReadOnlyList<string> texts = context.Progress.Track(progress => Texts(options.Data, context, progress));
        ClipTokenizer tokenizer = ClipTokenizer.Learn(texts, options.Tokens);
        OutputFolder.Create(options.Out);
        tokenizer.Save(options.Out);
        int longest = texts.Max(text => tokenizer.Encode(text).Count) + 2;
        context.Out.WriteLine(options.Json
            ? JsonText.Line(new { folder = options.Out, texts = texts.Count, tokens = tokenizer.Count, start = tokenizer.Start, end = tokenizer.End, longest })
            : string.Create(CultureInfo.InvariantCulture,
                $"{options.Out}: {tokenizer.Count} tokens of {texts.Count} texts, the longest of {longest} tokens with start and end"));
        return ExitCodes.Success;
    }

    private static IReadOnlyList<string> Texts(string data, VerbContext context, IProgress<ProgressReport> progress)
    {
        if (File.Exists(data) && !data.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            return [.. File.ReadLines(data).Where(line => line.Trim().Length > 0)];
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

    /// <summary>What it learns from, and where to.</summary>
    internal sealed class Options : CommonOptions
    {
        [Option("data", MetaValue = "SPEC", Required = true, HelpText = "Texts or captions.")]
        public string Data { get; set; } = "";

        [Option('o', "out", MetaValue = "DIR", Required = true, HelpText = "Folder of the vocabulary.")]
        public string Out { get; set; } = "";

        [Option("tokens", MetaValue = "N", Default = 49408, HelpText = "Most tokens; CLIP has 49,408.")]
        public int Tokens { get; set; }
    }
}
