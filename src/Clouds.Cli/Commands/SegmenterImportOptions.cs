using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>What a checkpoint of a whole segmenter does not say of itself.</summary>
internal class SegmenterImportOptions : CatalogueOptions
{
    [Option("classes", MetaValue = "FILE", HelpText = "Of a segmenter: the classes that it shall answer with. Default: the 19 of Cityscapes.")]
    public string? Classes { get; set; }

    [Option("trained-on", MetaValue = "FILE", HelpText =
        "Of a segmenter with the geometric ensemble: the classes that it was trained with; others listen to CLIP more. Default: the same.")]
    public string? TrainedOn { get; set; }

    [Option("ensemble", MetaValue = "on|off", HelpText =
        "Of a segmenter that compares with names: whether the frozen CLIP has a say in the classes. Default: on for FC-CLIP, off for CLOUDS.")]
    public Switch? Ensemble { get; set; }

    [Option("short-side", MetaValue = "N", HelpText = "Of a segmenter: short side in pixels at which it sees images; 0: their own size. Default: 1024.")]
    public int? ShortSide { get; set; }

    [Option("clip", MetaValue = "FILE", HelpText = "Of a segmenter whose checkpoint lacks the text tower: the file of its CLIP.")]
    public string? Clip { get; set; }

    [Option("vocabulary", MetaValue = "FILE", HelpText = "Of a segmenter: the vocabulary of its text tower. Default: OpenAI's, which is built in.")]
    public string? Vocabulary { get; set; }

    /// <summary>The first option that only a segmenter takes; null where none is given.</summary>
    public string? Given => Classes is not null ? "--classes" : TrainedOn is not null ? "--trained-on" : Ensemble is not null ? "--ensemble"
        : ShortSide is not null ? "--short-side" : Clip is not null ? "--clip" : Vocabulary is not null ? "--vocabulary" : null;

    /// <summary>Yes or no.</summary>
    internal enum Switch
    {
        /// <summary>Yes.</summary>
        On,

        /// <summary>No.</summary>
        Off,
    }
}
