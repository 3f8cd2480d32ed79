using System.Globalization;
using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Clouds.Verification.Benchmarks;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds bench language`.</summary>
internal sealed class BenchLanguageVerb : Verb<BenchLanguageVerb.Options>
{
    public override string Name => "bench language";

    public override string Summary => "time a language model against what the machine's memory gives";

    public override string Description =>
        "Times how a language model is loaded, reads a question and writes an answer, and how much memory that takes. Each token of an answer reads all "
        + "weights but the table of tokens, so no program writes faster than memory gives these bytes: the share says how near it comes. The memory's speed is "
        + "measured in the same run, behind the model.\n\n"
        + "Without MODEL a model of Llama 2's 7B size is drawn: a file of 4 GB in --folder, which is deleted afterwards. Its answers mean nothing and take as "
        + "long as others'.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds bench language", "A drawn model of 7B parameters in 4 bits."),
        new("clouds bench language --layers 4 --tokens 64", "One of an eighth of its depth, longer."),
        new("clouds bench language llama-2-7b-chat.int4.safetensors --threads 1 --json", "A model of one's own, on one thread."),
    ];

    protected override int Run(Options options, VerbContext context)
    {
        Require(options.Tokens, "--tokens");
        Require(options.Prompt, "--prompt");
        Require(options.Layers, "--layers");
        int threads = options.LoadSettings().Value.Execution.Threads is > 0 and int wanted ? wanted : Environment.ProcessorCount;
        LanguageRow row = options.Model is string model
            ? LanguageBench.Run(model, threads, options.Prompt, options.Tokens, context.Cancellation)
            : LanguageBench.RunDrawn(options.Folder ?? Path.GetTempPath(), Bits(options.Bits), options.Layers, threads, options.Prompt, options.Tokens,
                context.Cancellation);
        if (options.Json)
        {
            context.Out.WriteLine(JsonText.Line(row));
        }
        else
        {
            Write(row, context);
        }

        return ExitCodes.Success;
    }

    private static void Write(LanguageRow row, VerbContext context) => TextTable.Write(context.Console, ["model", row.Model],
    [
        ["matrices", row.Precision],
        ["threads", $"{row.Threads}"],
        ["load", Say($"{row.LoadSeconds:0.0} s, then {row.LoadedBytes / 1e9:0.00} GB resident; at most {row.PeakBytes / 1e9:0.00} GB")],
        ["question", Say($"{row.Prompt} tokens, {row.PromptTokensPerSecond:0.0} a second")],
        ["answer", Say($"{row.Answer} tokens, {row.TokensPerSecond:0.00} a second")],
        ["limit", Say($"{row.Limit:0.00} a second: {row.BytesPerToken / 1e9:0.00} GB a token at {row.ReadGigabytes:0.0} GB/s")],
        ["of the limit", row.ShareOfLimit.ToString("0.00", CultureInfo.InvariantCulture)],
    ]);

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static int Bits(int bits) => bits is 4 or 8 ? bits : throw Wrong("--bits", bits, "4 or 8");

    private static void Require(int number, string option)
    {
        if (number < 1)
        {
            throw Wrong(option, number, "1 or more");
        }
    }

    private static CloudsException Wrong(string option, int found, string expected) =>
        new(Failure.Usage, "the value of an option is wrong", option, found.ToString(CultureInfo.InvariantCulture), expected, "correct it");

    /// <summary>What to time.</summary>
    internal sealed class Options : CommonOptions
    {
        [Value(0, MetaName = "MODEL", HelpText = "A language model's folder, or a file that model import --quantize wrote. Default: one is drawn.")]
        public string? Model { get; set; }

        [Option("bits", MetaValue = "N", Default = 4, HelpText = "Bits of a drawn model's weights, 4 or 8. Default: 4.")]
        public int Bits { get; set; } = 4;

        [Option("layers", MetaValue = "N", Default = 32, HelpText = "Blocks of a drawn model. Default: 32, which is 7B.")]
        public int Layers { get; set; } = 32;

        [Option("prompt", MetaValue = "N", Default = 64, HelpText = "Tokens of the question. Default: 64.")]
        public int Prompt { get; set; } = 64;

        [Option("tokens", MetaValue = "N", Default = 32, HelpText = "Tokens of the answer. Default: 32.")]
        public int Tokens { get; set; } = 32;

        [Option("folder", MetaValue = "DIR", HelpText = "Where a drawn model's file lies meanwhile. Default: the folder of temporary files.")]
        public string? Folder { get; set; }

        [Option("threads", MetaValue = "N", HelpText = "Threads. Default: execution.threads of the configuration; where that is 0, one a processor.")]
        public int? Threads { get; set; }

        protected override IEnumerable<string> Shorthands => Threads is null ? base.Shorthands : [.. base.Shorthands, $"execution.threads={Threads}"];
    }
}
