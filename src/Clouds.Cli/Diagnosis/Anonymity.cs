using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Clouds.Cli.Console;

namespace Clouds.Cli.Diagnosis;

/// <summary>Takes out of texts what names a person, a machine or a project: folders, the user's name, the host's name.</summary>
/// <param name="program">The program's folder; becomes "PROGRAM".</param>
/// <param name="folder">The current folder; becomes ".".</param>
/// <param name="home">The user's folder; becomes "~".</param>
/// <param name="user">The user's name; becomes "USER".</param>
/// <param name="host">The machine's name; becomes "HOST".</param>
internal sealed partial class Anonymity(string program, string folder, string home, string user, string host)
{
    /// <summary>For this process.</summary>
    public static Anonymity Here => new(
        AppContext.BaseDirectory, Environment.CurrentDirectory,
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify),
        Environment.UserName, Environment.MachineName);

    /// <summary>Of a text.</summary>
    public string Of(string text)
    {
        string result = WithoutFolder(WithoutFolder(WithoutFolder(text, program, "PROGRAM"), folder, "."), home, "~");
        result = OtherHome().Replace(result, "${root}/USER");
        return WithoutName(WithoutName(result, user, "USER"), host.Split('.')[0], "HOST");
    }

    /// <summary>Of every string in a JSON document; keys and numbers stay.</summary>
    public string OfJson(string document) => JsonText.Document(Of(JsonNode.Parse(document))!);

    // A root folder is nobody's; replacing it would take every path apart.
    private static string WithoutFolder(string text, string path, string sign)
        => path.Trim('/').Length == 0 ? text : Regex.Replace(text, $@"{Regex.Escape(path.TrimEnd('/'))}(?=$|[/\s:;,'"")])", sign);

    private static string WithoutName(string text, string name, string sign)
        => name.Length == 0 ? text : Regex.Replace(text, $@"(?<![A-Za-z0-9]){Regex.Escape(name)}(?![A-Za-z0-9])", sign, RegexOptions.IgnoreCase);

    private JsonNode? Of(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Of(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Of)]),
        JsonValue value when value.TryGetValue(out string? text) => JsonValue.Create(Of(text)),
        _ => node?.DeepClone(),
    };

    [GeneratedRegex(@"(?<root>/home|/Users)/[^/\s:;,'""]+")]
    private static partial Regex OtherHome();
}
