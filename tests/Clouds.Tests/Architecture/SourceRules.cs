using System.Text.RegularExpressions;

namespace Clouds.Tests.Architecture;

/// <summary>Rules on single files: names, marks, size, and where native code may stand.</summary>
internal static partial class SourceRules
{
    /// <summary>Longest file without an excuse, in lines.</summary>
    public const int LongestFile = 300;

    /// <summary>Longest line, in columns.</summary>
    public const int WidestLine = 160;

    /// <summary>Files that may be longer, each with the reason.</summary>
    public static readonly IReadOnlyDictionary<string, string> LongFiles = new Dictionary<string, string>();

    /// <summary>Folders whose files may declare native entry points.</summary>
    public static readonly IReadOnlyList<string> NativeFolders = ["src/Clouds.Runtime/", "src/Clouds.Native/Images/"];

    /// <summary>Where GPUs may be opened and execution providers chosen: by the owner of devices.</summary>
    public static readonly IReadOnlyList<string> DeviceFolders =
        ["src/Clouds.Runtime/Devices/", "src/Clouds.Runtime/Sessions/", "src/Clouds.Runtime/Compilation/Gpu.cs"];

    /// <summary>Types and folders whose name says that nobody knew what they are.</summary>
    public static IReadOnlyList<string> CheckNames(SourceFile file)
    {
        IEnumerable<string> types = Declaration().Matches(file.Code).Where(match => !IsAbstractBase(match)).Select(match => match.Groups["name"].Value);
        return [.. types.Concat(file.Folder.Split('/').Skip(2)).Distinct()
            .Select(name => (Name: name, Ending: BagEnding().Match(name)))
            .Where(named => named.Ending.Success)
            .Select(named => $"{file.Path} -> {named.Name}: a name may not end in {named.Ending.Value}; say what it is")];
    }

    /// <summary>Marks of unfinished work and constructs that hide dependencies.</summary>
    public static IReadOnlyList<string> CheckMarks(SourceFile file)
    {
        IEnumerable<string> marks = Unfinished().Matches(file.Text).Concat(Hiding().Matches(file.Code)).Select(match => match.Value);
        return [.. marks.Distinct().Select(mark => $"{file.Path} -> {mark}: not in this repository")];
    }

    /// <summary>Native entry points outside the folders for them.</summary>
    public static IReadOnlyList<string> CheckNative(SourceFile file)
    {
        if (NativeFolders.Any(folder => file.Path.StartsWith(folder)))
        {
            return [];
        }

        return [.. NativeEntry().Matches(file.Code).Select(match => match.Value).Distinct()
            .Select(entry => $"{file.Path} -> {entry}: native code belongs to {string.Join(" and ", NativeFolders)}")];
    }

    /// <summary>GPUs that are opened, and execution providers that are chosen, past their owner.</summary>
    public static IReadOnlyList<string> CheckDevices(SourceFile file)
    {
        return DeviceFolders.Any(folder => file.Path.StartsWith(folder))
            ? []
            : [.. Opening().Matches(file.Code).Select(match => match.Value).Distinct()
                .Select(opening => $"{file.Path} -> {opening}: ask Device.Open, which owns devices")];
    }

    /// <summary>Files that have grown too long.</summary>
    public static IReadOnlyList<string> CheckSize(SourceFile file)
    {
        return file.Lines <= LongestFile || LongFiles.ContainsKey(file.Path)
            ? []
            : [$"{file.Path} -> {file.Lines} lines: at most {LongestFile}; split it along its subject, or list it in SourceRules.LongFiles with the reason"];
    }

    /// <summary>Lines that do not fit a screen.</summary>
    public static IReadOnlyList<string> CheckWidth(TextFile file)
    {
        return [.. file.Text.Split('\n').Select((line, i) => (Columns: line.TrimEnd('\r').Length, Number: i + 1)).Where(line => line.Columns > WidestLine)
            .Select(line => $"{file.Path}:{line.Number} -> {line.Columns} columns: at most {WidestLine}; wrap it where a reader would")];
    }

    private static bool IsAbstractBase(Match declaration)
        => declaration.Groups["modifiers"].Value.Contains("abstract") && declaration.Groups["name"].Value.EndsWith("Base");

    [GeneratedRegex(@"(?<modifiers>(?:\b(?:public|internal|private|protected|static|sealed|abstract|partial|readonly|ref|unsafe|file)\s+)*)"
        + @"\b(?:class|struct|record|interface|enum)\s+(?:class\s+|struct\s+)?(?<name>[A-Z]\w*)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\b(?:CudaDriver\.Default|CudaContext\.Open|Gpu\.(?:Open|Shared)|AppendExecutionProvider\w*)\b")]
    private static partial Regex Opening();

    [GeneratedRegex("(?:Utils?|Utilities|Helpers?|Manager|Common|Misc|Impl|Base)$")]
    private static partial Regex BagEnding();

    [GeneratedRegex(@"\b(?:TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\bNotImplementedException\b|^\s*#region\b|\bglobal\s+using\b", RegexOptions.Multiline)]
    private static partial Regex Hiding();

    [GeneratedRegex(@"\b(?:DllImport|LibraryImport|NativeLibrary|UnmanagedCallersOnly|GetDelegateForFunctionPointer)\b|\bdelegate\*\s*unmanaged\b")]
    private static partial Regex NativeEntry();
}
