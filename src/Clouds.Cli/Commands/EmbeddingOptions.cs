using System.Globalization;
using System.Text.Json;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>Common options of verbs that let Segment Anything look at images.</summary>
internal class EmbeddingOptions : CommonOptions
{
    [Option("cache", MetaValue = "DIR", HelpText =
        "Short for sam.cache: folder of the images' embeddings, which are made once. Several runs may share it. Default: clouds/embeddings in "
        + "XDG_CACHE_HOME, or in .cache of the home.")]
    public string? Cache { get; set; }

    [Option("cache-size", MetaValue = "GIB", HelpText = "Short for sam.cacheSize: what that folder may take; the least recently used embeddings go first.")]
    public double? CacheSize { get; set; }

    [Option("no-cache", HelpText = "Neither look embeddings up nor keep them. Results are the same bits either way.")]
    public bool NoCache { get; set; }

    protected override IEnumerable<string> Shorthands =>
    [
        .. base.Shorthands,
        .. Cache is null ? Array.Empty<string>() : [$"sam.cache={JsonSerializer.Serialize(Cache)}"],
        .. CacheSize is null ? Array.Empty<string>() : [string.Create(CultureInfo.InvariantCulture, $"sam.cacheSize={CacheSize}")],
        .. NoCache ? ["sam.cacheSize=0"] : Array.Empty<string>(),
    ];
}
