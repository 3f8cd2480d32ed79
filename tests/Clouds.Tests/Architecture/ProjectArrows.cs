using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Clouds.Tests.Architecture;

/// <summary>
/// The layers, each of which references the ones that it stands on and sees what those see; which packages each may know; and that only Clouds.Cli
/// knows the emulator, which knows none of them.
/// </summary>
internal static class ProjectArrows
{
    // Assemblies of the shared framework that do not begin with "System".
    private static readonly string[] AspNetCore =
    [
        "Microsoft.AspNetCore", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Hosting.Abstractions", "Microsoft.AspNetCore.Http",
        "Microsoft.AspNetCore.Http.Abstractions", "Microsoft.AspNetCore.Http.Features", "Microsoft.AspNetCore.Routing",
        "Microsoft.AspNetCore.Routing.Abstractions", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Server.Kestrel.Core",
        "Microsoft.AspNetCore.WebUtilities",
        "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.DependencyInjection.Abstractions", "Microsoft.Extensions.Hosting",
        "Microsoft.Extensions.Hosting.Abstractions", "Microsoft.Extensions.Options", "Microsoft.Extensions.Primitives", "Microsoft.Net.Http.Headers",
    ];

    /// <summary>Per project: project references it may declare, and packages or tools that its code may touch.</summary>
    public static readonly IReadOnlyDictionary<string, Layer> Layers = new Dictionary<string, Layer>
    {
        ["Clouds.Diagnostics"] = new("Clouds.Diagnostics", [], []),
        ["Clouds.Graph"] = new("Clouds.Graph", ["Clouds.Diagnostics"], ["Google.Protobuf"]),
        ["Clouds.Models"] = new("Clouds.Models", ["Clouds.Graph"], []),
        ["Clouds.Runtime"] = new("Clouds.Runtime", ["Clouds.Graph"], ["Microsoft.ML.OnnxRuntime"]),
        ["Clouds.Native"] = new(
            "Clouds.Native", ["Clouds.Models", "Clouds.Runtime"], ["Microsoft.Extensions.Logging.Abstractions", "Microsoft.ML.Tokenizers", "NetVips"]),
        ["Clouds.Server"] = new("Clouds.Server", ["Clouds.Native"], [.. AspNetCore, "Prometheus.NetStandard"]),
        ["Clouds.Native.ImageSharp"] = new("Clouds.Native.ImageSharp", ["Clouds.Native"], ["SixLabors.ImageSharp"]),
        ["Clouds.Training"] = new("Clouds.Training", ["Clouds.Native"], ["Microsoft.Extensions.FileSystemGlobbing"]),
        ["Clouds.Native.Training"] = new("Clouds.Native.Training", ["Clouds.Training"], ["Microsoft.Extensions.Logging.Abstractions"]),
        ["Clouds.Verification"] = new("Clouds.Verification", ["Clouds.Training"], []),
        ["Clouds.Cli"] = new(
            "clouds", ["Clouds.Verification", "Clouds.Server", "Clouds.Emulator"],
            ["Clouds.Emulator", "CommandLine", "Spectre.Console", "Spectre.Console.Ansi"]),
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
            .Where(assembly => !Layers[project].Packages.Contains(assembly) && !Below(project).Contains(assembly))
            .Select(assembly =>
                $"{project} -> {assembly}: {project}'s code may use only .NET and {Allowed([.. Below(project), .. Layers[project].Packages])}")];
    }

    /// <summary>The layers below a project, from its own references down.</summary>
    private static HashSet<string> Below(string project)
        => [.. Layers[project].Projects.Where(Layers.ContainsKey).SelectMany(below => Below(below).Append(below))];

    private static string Allowed(IReadOnlyCollection<string> names) => names.Count == 0 ? "nothing else" : string.Join(", ", names);

    /// <summary>One layer.</summary>
    /// <param name="Assembly">Name of the built assembly.</param>
    /// <param name="Projects">Projects its csproj may reference.</param>
    /// <param name="Packages">Further assemblies that its code may reference, .NET's own aside.</param>
    internal sealed record Layer(string Assembly, IReadOnlyCollection<string> Projects, IReadOnlyCollection<string> Packages);
}
