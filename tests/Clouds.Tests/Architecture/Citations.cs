using System.Text.RegularExpressions;

namespace Clouds.Tests.Architecture;

/// <summary>
/// Citations of our documents: "method.md", "method.md sections 1.3 and 1.4", "style.md habit 6", "decision 12", and inside docs "section 2.5" for the
/// document itself; in any text, across the lines of a comment or of a string.
/// </summary>
internal static partial class Citations
{
    private const string Decisions = "DECISIONS.md";

    // Between two words of a comment or of a string: the line may end there.
    private const string Gap = @"(?:\s|///?|#|<!--|""\s*\+\s*\$?"")+";

    private const string Number = @"\d+(?:\.\d+)*";

    private const string Numbers = $@"(?<number>{Number})(?:(?:,|{Gap})(?:{Gap})?(?:(?:and|or|to){Gap})?(?<number>{Number}))*";

    /// <summary>Every citation, in a file, of a document or a section that does not exist.</summary>
    public static IReadOnlyList<string> Check(TextFile file, Documents documents)
    {
        IEnumerable<string> named = Named().Matches(file.Text).SelectMany(match => CheckNamed(file, match, match.Groups["document"].Value, documents));
        IEnumerable<string> short_ = Short().Matches(file.Text)
            .Select(match => $"{file.At(match.Index)} -> {match.Value}: write \"{match.Groups["document"].Value}.md\", so that the citation is found");
        IEnumerable<string> decisions = Decision().Matches(file.Text).SelectMany(match => CheckNamed(file, match, Decisions, documents));
        IEnumerable<string> own =
            file.Folder == "docs" ? Own().Matches(file.Text).SelectMany(match => CheckNamed(file, match, Path.GetFileName(file.Path), documents)) : [];
        return [.. named, .. short_, .. decisions, .. own];
    }

    private static IEnumerable<string> CheckNamed(TextFile file, Match match, string name, Documents documents)
    {
        string? path = documents.Find(name, file.Path);
        return path is null
            ? [$"{file.At(match.Index)} -> {name}: there is no such document"]
            : match.Groups["number"].Captures.Select(capture => capture.Value).Where(number => !documents.HasSection(path, number))
                .Select(number => $"{file.At(match.Index)} -> {name} {number}: {path} has no such section");
    }

    [GeneratedRegex($@"(?<![\w*{{}}])(?<document>(?:[\w.\-]+/)*\w[\w.\-]*\.md)\b(?:{Gap}(?:sections?|habits?){Gap}{Numbers})?")]
    private static partial Regex Named();

    [GeneratedRegex($@"\b(?<document>method|kernels|platform|style){Gap}(?:sections?|habits?){Gap}{Number}")]
    private static partial Regex Short();

    [GeneratedRegex($@"\b[Dd]ecisions?{Gap}{Numbers}")]
    private static partial Regex Decision();

    [GeneratedRegex($@"(?<!\.md{Gap})(?<!\b[Pp]aper{Gap})\bsections?{Gap}{Numbers}(?!{Gap}of{Gap}the{Gap}paper)")]
    private static partial Regex Own();
}
