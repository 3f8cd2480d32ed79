using Clouds.Diagnostics;
using Clouds.Native.Generation.Prompts;
using Clouds.Native.Segmentation;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>Options of the verbs that look for classes in prompts.</summary>
internal class PromptOptions : CommonOptions
{
    [Option("classes", MetaValue = "SPEC", HelpText =
        "The data set whose classes count: its JSON file, whose images need not be there, or what else `clouds data check` takes. The source that will be "
        + "trained on. Default: the 19 classes of Cityscapes, with synonyms.")]
    public string? ClassesOf { get; set; }

    [Option("words", MetaValue = "FILE", HelpText =
        "Further words for the classes, one a line: the class, the word, and how a sentence has it (\"a lorry\"), parted by tabs; class \"-\": of no class.")]
    public string? Words { get; set; }

    [Option("max-words", MetaValue = "N", HelpText = "Most words of a prompt. Default: 30; the longest of the paper's list has 17.")]
    public int MostWords { get; set; } = PromptCheck.MostWords;

    [Option("page", MetaValue = "FILE", HelpText = "Also write one HTML page that stands alone: classes, contexts, lengths and all prompts.")]
    public string? Page { get; set; }

    /// <summary>The classes and what they are called.</summary>
    public ClassWords ReadWords(Action<string> warn)
    {
        if (MostWords < 5)
        {
            throw new CloudsException(Failure.Usage, "the length of prompts is out of range", "--max-words", $"{MostWords}", "5 or more words");
        }

        ClassSet classes = ClassesOf is null ? ClassSet.Cityscapes
            : ClassesOf.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? FolderDescription.Read(ClassesOf).Classes
            : DatasetSource.Open(ClassesOf, warn).Classes;
        return ClassesOf is null && Words is null ? ClassWords.Cityscapes : new ClassWords(classes, Words is null ? null : ClassWords.Read(Words));
    }
}
