using Clouds.Native.Catalogue;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>Options of the verbs that know published models.</summary>
internal class CatalogueOptions : CommonOptions
{
    [Option("catalogue", MetaValue = "DIR", HelpText = "Further manifests, DIR/*.json, beside those that are built in (models/catalogue shows their form).")]
    public string? Manifests { get; set; }

    /// <summary>The published models that are known.</summary>
    public ModelCatalogue Catalogue => Manifests is null ? ModelCatalogue.BuiltIn : ModelCatalogue.BuiltIn.With(Manifests);
}
