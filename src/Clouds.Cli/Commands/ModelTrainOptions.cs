using Clouds.Diagnostics;
using Clouds.Training.Engine;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>What a foundation model is trained on, and where to.</summary>
internal sealed class ModelTrainOptions : CommonOptions
{
    [Value(0, MetaName = "CONFIG", HelpText = "Settings of the training, one JSON file; the same as --config FILE.")]
    public string? File { get; set; }

    [Option("data", MetaValue = "SPEC", Required = true, HelpText = "What it learns from; with --resume the same again.")]
    public string Data { get; set; } = "";

    [Option("out", MetaValue = "DIR", Required = true, HelpText = "Folder of the run.")]
    public string Out { get; set; } = "";

    [Option("steps", MetaValue = "N", HelpText = "Short for steps: optimiser steps of the run.")]
    public long? Steps { get; set; }

    [Option("threads", MetaValue = "N", Default = 0, HelpText = "Processor threads; 0: one a processor.")]
    public int Threads { get; set; }

    [Option("workers", MetaValue = "N", Default = 0, HelpText = "Samples that are made ready at once, beside the step; 0: as many as help.")]
    public int Workers { get; set; }

    [Option("accept-memory", HelpText = "Begin although the machine has not the memory that is foreseen.")]
    public bool AcceptMemory { get; set; }

    [Option("resume", HelpText = "Go on from the checkpoint in --out, with the settings and the data of the run.")]
    public bool Resume { get; set; }

    /// <summary>The configuration file; null: none.</summary>
    public string? Configuration => File is null || Config is null ? Config ?? File : throw new CloudsException(
        Failure.Usage, "there are two configurations", "clouds train", $"{File} and --config {Config}", "one of them");

    /// <summary>Settings that are given one by one.</summary>
    public IEnumerable<string> Overrides => Steps is null ? Set : [.. Set, $"steps={Steps}"];

    /// <summary>The run's folder: without results where it is begun.</summary>
    /// <exception cref="CloudsException">Usage: it has results that somebody may want.</exception>
    public RunFolder OpenFolder()
    {
        RunFolder folder = new(Out);
        if (!Resume && Directory.Exists(Out))
        {
            folder.StartAnew();
        }

        return folder;
    }
}
