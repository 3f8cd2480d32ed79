using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <content>Its options.</content>
internal sealed partial class TrainVerb
{
    /// <summary>What to train on and where to.</summary>
    internal sealed class Options : CommonOptions
    {
        [Value(0, MetaName = "CONFIG", HelpText = "The same as --config FILE.")]
        public string? File { get; set; }

        [Option("data", MetaValue = "SPEC", HelpText =
            "The source data set, as for `clouds data check`. Default: training.data of the configuration. Needed unless --resume.")]
        public string? Data { get; set; }

        [Option("generated", MetaValue = "SPEC", HelpText = "Short for selfTraining.generated.data: images without labels, for stage 2.")]
        public string? Generated { get; set; }

        [Option("sam", MetaValue = "FILE|DIR", HelpText =
            "Short for sam.weights: weights of Segment Anything or MobileSAM, with which stage 2 refines labels; or a folder with the published files; or "
            + "mini:sam, the miniature that is built in.")]
        public string? Sam { get; set; }

        [Option("out", MetaValue = "DIR", HelpText = "Folder of the run. Default: the name of CONFIG without its ending, in the current folder.")]
        public string? Out { get; set; }

        [Option("preset", MetaValue = Presets.Names, HelpText =
            "Settings to start from; --config and --set come on top. Default: gta, which is also called paper; mini where no weights are named at all.")]
        public Preset? Preset { get; set; }

        [Option("anew", HelpText = "Start in a folder that is not empty, where it has neither checkpoint nor model; the beginnings of a run are removed.")]
        public bool Anew { get; set; }

        [Option("from", MetaValue = "MODEL", HelpText =
            "Start from a trained model: its network and its weights. Class heads start anew where the data have another number of classes.")]
        public string? From { get; set; }

        [Option("from-scratch", HelpText = "Start from random weights although no preset says so; an encoder that is frozen then stays random.")]
        public bool FromScratch { get; set; }

        [Option("accept-memory", HelpText = "Begin although the machine has not the memory that is foreseen.")]
        public bool AcceptMemory { get; set; }

        [Option("resume", HelpText = "Go on from the checkpoint in --out, with the settings and the data of the run.")]
        public bool Resume { get; set; }

        [Option("steps", MetaValue = "N", HelpText =
            "Optimiser steps of the run, of two stages those of the second; with --resume more than were planned, or fewer. Default: training.steps.")]
        public long? Steps { get; set; }

        [Option("stop-after", MetaValue = "N", HelpText = "Save and stop after N steps, as Ctrl-C does, in a stage that has not done them yet.")]
        public long? StopAfter { get; set; }

        [Option("prove-resume", MetaValue = "N", HelpText =
            "Train nothing to keep: run 2N steps of each stage straight, and once more interrupted after N, in processes of their own, and compare.")]
        public long? ProveResume { get; set; }

        [Option("accept-changed-data", HelpText = "With --resume: go on although the data are not what they were when the run was started.")]
        public bool AcceptChangedData { get; set; }

        /// <summary>Folder of the run.</summary>
        public string Folder => Out ?? Path.GetFileNameWithoutExtension(Config) ?? throw new CloudsException(
            Failure.Usage, "there is no folder for the run", "clouds train", null, "--out DIR", "name a new folder, or that of the run to resume");

        /// <summary>The file in the first place is the configuration.</summary>
        public void TakeFile()
        {
            if (File is not null && Config is not null)
            {
                throw new CloudsException(Failure.Usage, "there are two configurations", "clouds train", $"{File} and --config {Config}", "one of them");
            }

            Config ??= File;
        }

        /// <summary>Whether nothing at all says what the encoder is to be, nor what it starts from.</summary>
        public bool LacksEncoder
        {
            get
            {
                LoadedSettings<CloudsSettings> settings = LoadSettings();
                return !FromScratch && From is null && PresetOr(Preset) is null && settings.Value.Training.From.Length == 0
                    && !settings.Provenance.Leaves.Any(leaf => leaf.Origin != "default" && Encoders.Any(leaf.Key.StartsWith));
            }
        }

        private static string[] Encoders => ["training.encoder.", "training.network."];

        protected override IEnumerable<string> Shorthands =>
        [
            .. base.Shorthands,
            .. Generated is null ? Array.Empty<string>() : [$"selfTraining.generated.data={JsonText(Generated)}"],
            .. Sam is null ? Array.Empty<string>() : [$"sam.weights={JsonText(Sam)}"],
        ];

        private static string JsonText(string text) => System.Text.Json.JsonSerializer.Serialize(text);
    }
}
