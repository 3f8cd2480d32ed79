using Clouds.Diagnostics;
using Clouds.Graph.Files;

namespace Clouds.Native.Catalogue;

/// <summary>Files of published models on this machine: where they are fetched to, and where other programs keep theirs. Nothing is read of them.</summary>
public sealed class LocalModels
{
    private const string Variable = "CLOUDS_MODELS";

    private readonly IReadOnlyList<string> _folders;

    /// <param name="folders">Where to look, one folder after another.</param>
    public LocalModels(IReadOnlyList<string> folders) => _folders = folders;

    /// <summary>Where models are fetched to: the folder that CLOUDS_MODELS names, or clouds/models in the user's folder for data.</summary>
    /// <exception cref="CloudsException">Output: this user has none.</exception>
    public static string Home => OwnHome
        ?? throw new CloudsException(Failure.Output, "this user has no folder for models", expected: $"a home, or {Variable}", next: $"set {Variable}");

    /// <summary>The home of models, the present folder, and where PyTorch and CLIP put what they fetch.</summary>
    public static LocalModels OfUser
    {
        get
        {
            string? torch = Environment.GetEnvironmentVariable("TORCH_HOME") is { Length: > 0 } set ? set : InCaches("torch");
            string[] own = OwnHome is string folder ? [folder] : [];
            string[] theirs = torch is null ? [] : [Path.Combine(torch, "hub", "checkpoints")];
            return new LocalModels([.. own, ".", .. theirs, .. InCaches("clip") is string clip ? [clip] : (string[])[]]);
        }
    }

    private static string? InCaches(string name) => UserCache.Root is string caches ? Path.Combine(caches, name) : null;

    private static string? OwnHome
    {
        get
        {
            string data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            return Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } set ? set
                : data.Length > 0 ? Path.Combine(data, "clouds", "models")
                : null;
        }
    }

    /// <summary>Where a published file of a model goes.</summary>
    /// <param name="entry">The model.</param>
    /// <param name="file">The file.</param>
    public static string PathOf(CatalogueEntry entry, PublishedFile file) => Path.Combine(Home, entry.Name, file.Name ?? entry.Name);

    /// <summary>The files of a model that are here under their published names, and models that were imported from them under the entry's.</summary>
    public IReadOnlyList<string> Find(CatalogueEntry entry)
    {
        string[] names = [.. entry.Files.Select(file => file.Name).OfType<string>(), $"{entry.Name}.safetensors"];
        return [.. _folders.SelectMany(folder => new[] { Path.Combine(folder, entry.Name), folder })
            .SelectMany(folder => names.Select(name => Path.Combine(folder, name))).Where(File.Exists).Select(Path.GetFullPath).Distinct()];
    }
}
