using Clouds.Cli.Console;
using Clouds.Diagnostics;
using Clouds.Native.Catalogue;
using Clouds.Native.Downloads;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>`clouds model get`.</summary>
internal sealed class ModelGetVerb : Verb<ModelGetVerb.Options>
{
    public override string Name => "model get";

    public override string Summary => "fetch a published model, or any file, and check its digest";

    public override string Description =>
        "Fetches the file of a published model (`clouds model list MODEL` shows from where) or of an address. It goes to a hidden name in its folder and "
        + "gets its own once it is whole and has the digest that was published; where none was, the digest is computed and shown, and there is nothing to "
        + "compare it with. What was fetched before an interruption is kept, and the same command goes on behind it, unless the file has changed on the server "
        + "meanwhile. Addresses are https, and so is every address that a server sends us on to; http only where the whole digest is known, or from this "
        + "machine itself.\n\n"
        + "Nothing is ever fetched but by this verb. A model that is only to be had with a browser is told with its page.";

    public override IReadOnlyList<Example> Examples { get; } =
    [
        new("clouds model get clip_rn50", "RN50.pt, to the folder of models."),
        new("clouds model get torchvision_resnet50 --file resnet50-11ad3fa6.pth --out weights/", "Another version, to another place."),
        new("clouds model get clip_rn50 --mirror /mnt/models", "From a folder that has RN50.pt; a mirror may also be an address."),
        new("clouds model get https://example.org/model.pth --sha256 1a2b3c4d5e6f7a8b", "Any file."),
    ];

    public override IReadOnlyDictionary<int, string> ExitNotes { get; } = new Dictionary<int, string>
    {
        [ExitCodes.Success] = "the file is there; it may have been before",
        [(int)Failure.BadInput] = "the server does not give the file, or not all of it; what came is kept",
        [(int)Failure.Weights] = "its digest is not the published one; it was removed",
        [(int)Failure.Output] = "it cannot be written, or the disk is too small",
    };

    protected override int Run(Options options, VerbContext context)
    {
        Sha256Text.Require(options.Sha256, "--sha256");
        using FileDownload download = new() { Warn = context.Progress.Warn };
        DownloadResult[] results = [.. DownloadPlan.Of(options).Select(request => context.Progress.Track(progress =>
            download.FetchAsync(request, progress, context.Cancellation).GetAwaiter().GetResult()))];
        foreach (DownloadResult result in results)
        {
            context.Out.WriteLine(options.Json ? JsonText.Line(result)
                : $"{result.Path}: {result.Bytes} bytes, {(result.Fetched == 0 ? "there already" : "fetched")}, SHA-256 {result.Sha256}");
        }

        return ExitCodes.Success;
    }

    /// <summary>What to fetch.</summary>
    internal sealed class Options : CatalogueOptions
    {
        [Value(0, MetaName = "MODEL|URL", Required = true, HelpText = "A published model, or an address.")]
        public string Source { get; set; } = "";

        [Option('o', "out", MetaValue = "FILE|DIR", HelpText =
            "Where it goes; a folder ends in a slash or exists. Default: CLOUDS_MODELS, or clouds/models in the user's folder for data.")]
        public string? Out { get; set; }

        [Option("file", MetaValue = "NAME", HelpText = "This one of the model's files. Default: the first, with all shards that belong to it.")]
        public string? File { get; set; }

        [Option("mirror", MetaValue = "DIR|URL", HelpText = "Fetch it from there, under its name; the published digest counts there, too.")]
        public string? Mirror { get; set; }

        [Option("sha256", MetaValue = "HEX", HelpText = "The digest that it has to have, or its first digits, 8 or more. Default: what the catalogue says.")]
        public string? Sha256 { get; set; }

        [Option("most", MetaValue = "GB", HelpText = "Refuse longer files, in units of 10^9 bytes. Default: 64.")]
        public int Most { get; set; } = 64;

        [Option("overwrite", HelpText = "Replace another file that is there.")]
        public bool Overwrite { get; set; }
    }
}
