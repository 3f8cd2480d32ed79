using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Clouds.Tests.Architecture;

/// <summary>
/// The layers: Clouds.Cli may use Clouds.Native may use Clouds.Runtime may use Clouds.Graph, never the reverse; which packages each layer
/// may know; and that only Clouds.Cli knows the emulator, which knows none of them.
/// </summary>
internal static class ProjectArrows
{
    /// <summary>Per project: project references it may declare, and assemblies beyond .NET's own that its code may touch.</summary>
    public static readonly IReadOnlyDictionary<string, Layer> Layers = new Dictionary<string, Layer>
    {
        ["Clouds.Graph"] = new("Clouds.Graph", [], ["Google.Protobuf"]),
        ["Clouds.Runtime"] = new("Clouds.Runtime", ["Clouds.Graph"], ["Clouds.Graph", "Microsoft.ML.OnnxRuntime"]),
        ["Clouds.Native"] = new("Clouds.Native", ["Clouds.Runtime", "Clouds.Graph"], ["Clouds.Runtime", "Clouds.Graph"]),
        ["Clouds.Cli"] = new(
            "clouds",
            ["Clouds.Native", "Clouds.Emulator"],
            ["Clouds.Native", "Clouds.Runtime", "Clouds.Graph", "Clouds.Emulator", "CommandLine", "Spectre.Console"]),
    };

    /// <summary>Project references of a csproj text that its layer may not declare.</summary>
    public static IReadOnlyList<string> CheckDeclared(string project, string csproj)
    {
        return [.. XDocument.Parse(csproj).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')))
            .Where(referenced => !Layers[project].Projects.Contains(referenced))
            .Select(referenced => $"{project} -> {referenced}: {project}.csproj may reference only {Allowed(Layers[project].Projects)}")];
    }

    /// <summary>Assembly references of built code that its layer may not have.</summary>
    public static IReadOnlyList<string> CheckBuilt(string project, IEnumerable<string> assemblies)
    {
        return [.. assemblies
            .Where(assembly => !Regex.IsMatch(assembly, @"^(System(\..+)?|mscorlib|netstandard|Microsoft\.(CSharp|Win32\..+))$"))
            .Where(assembly => !Layers[project].Assemblies.Contains(assembly))
            .Select(assembly => $"{project} -> {assembly}: {project}'s code may use only .NET and {Allowed(Layers[project].Assemblies)}")];
    }

    private static string Allowed(IReadOnlyCollection<string> names) => names.Count == 0 ? "nothing else" : string.Join(", ", names);

    /// <summary>One layer.</summary>
    /// <param name="Assembly">Name of the built assembly.</param>
    /// <param name="Projects">Projects its csproj may reference.</param>
    /// <param name="Assemblies">Assemblies its code may reference, .NET's own aside.</param>
    internal sealed record Layer(string Assembly, IReadOnlyCollection<string> Projects, IReadOnlyCollection<string> Assemblies);
}
