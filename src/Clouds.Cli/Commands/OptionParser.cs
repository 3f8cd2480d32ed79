using System.Globalization;
using System.Reflection;
using Clouds.Graph.Diagnostics;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>Parses a verb's options with CommandLineParser and turns its errors into messages that help.</summary>
internal static class OptionParser
{
    public static CommonOptions Parse(Verb verb, IReadOnlyList<string> arguments)
    {
        using Parser parser = new(settings =>
        {
            settings.AutoHelp = false;
            settings.AutoVersion = false;
            settings.HelpWriter = null;
            settings.AllowMultiInstance = true;
            settings.EnableDashDash = true;
            settings.CaseInsensitiveEnumValues = true;
            settings.ParsingCulture = CultureInfo.InvariantCulture;
        });
        (List<string> others, Dictionary<PropertyInfo, List<string>> lists) = TakeLists(verb, arguments);
        // The factory overload parses into any type without a generic call per verb.
        ParserResult<CommonOptions> result = parser.ParseArguments(() => (CommonOptions)Activator.CreateInstance(verb.OptionsType)!, others);
        CommonOptions options = result is Parsed<CommonOptions> parsed ? parsed.Value : throw Explain(verb, result.Errors.First());
        foreach ((PropertyInfo property, List<string> values) in lists)
        {
            property.SetValue(options, values);
        }

        return options;
    }

    /// <summary>The options of a verb, its own first.</summary>
    public static IReadOnlyList<(PropertyInfo Property, OptionAttribute Option)> Options(Verb verb) =>
    [
        .. verb.OptionsType.GetProperties()
            .Select(property => (Property: property, Option: property.GetCustomAttribute<OptionAttribute>()!))
            .Where(pair => pair.Option is not null)
            .OrderBy(pair => pair.Property.DeclaringType == typeof(CommonOptions) ? 1 : 0),
    ];

    /// <summary>The positional arguments of a verb, in order.</summary>
    public static IReadOnlyList<(PropertyInfo Property, ValueAttribute Value)> Values(Verb verb) =>
    [
        .. verb.OptionsType.GetProperties()
            .Select(property => (Property: property, Value: property.GetCustomAttribute<ValueAttribute>()!))
            .Where(pair => pair.Value is not null)
            .OrderBy(pair => pair.Value.Index),
    ];

    // The parser lets an option that may repeat swallow every argument up to the next option, positional ones too. Each
    // `--name value` and `--name=value` of such options is therefore taken out before it sees the line.
    private static (List<string> Others, Dictionary<PropertyInfo, List<string>> Lists) TakeLists(Verb verb, IReadOnlyList<string> arguments)
    {
        Dictionary<string, PropertyInfo> repeatable = Options(verb).Where(pair => pair.Property.PropertyType == typeof(IEnumerable<string>)).ToDictionary(pair => $"--{pair.Option.LongName}", pair => pair.Property);
        List<string> others = [];
        Dictionary<PropertyInfo, List<string>> lists = [];
        for (int i = 0; i < arguments.Count; i++)
        {
            string[] parts = arguments[i].Split('=', 2);
            if (arguments[i] == "--")
            {
                others.AddRange(arguments.Skip(i));
                break;
            }

            if (!repeatable.TryGetValue(parts[0], out PropertyInfo? property))
            {
                others.Add(arguments[i]);
                continue;
            }

            bool inside = parts.Length == 2;
            if (!inside && (i + 1 == arguments.Count || arguments[i + 1].StartsWith("--", StringComparison.Ordinal)))
            {
                throw Wrong(verb, "an option has no value", parts[0], Expected(verb, parts[0][2..]));
            }

            lists.TryAdd(property, []);
            lists[property].Add(inside ? parts[1] : arguments[++i]);
        }

        return (others, lists);
    }

    private static CloudsException Explain(Verb verb, Error error)
    {
        (string what, string? found, string? expected) = error switch
        {
            UnknownOptionError unknown => ("an option is unknown", Dashes(unknown.Token), NearOption(verb, unknown.Token)),
            MissingValueOptionError missing => ("an option has no value", Dashes(missing.NameInfo.LongName), Expected(verb, missing.NameInfo.LongName)),
            MissingRequiredOptionError missing => ("an argument is missing", null, Required(verb, missing.NameInfo)),
            BadFormatConversionError bad => ("an option's value cannot be read", Dashes(bad.NameInfo.LongName), Expected(verb, bad.NameInfo.LongName)),
            RepeatedOptionError repeated => ("an option stands twice", Dashes(repeated.NameInfo.LongName), "once"),
            BadFormatTokenError bad => ("an argument cannot be read", bad.Token, null),
            _ => ("the command line cannot be read", error.Tag.ToString(), null),
        };
        return Wrong(verb, what, found, expected);
    }

    private static CloudsException Wrong(Verb verb, string what, string? found, string? expected) =>
        new(Failure.Usage, what, $"clouds {verb.Name}", found, expected, $"`clouds {verb.Name} --help` shows options and examples");

    private static string Dashes(string name) => name.Length == 1 ? $"-{name}" : $"--{name}";

    private static string? NearOption(Verb verb, string token) =>
        NearestName.Find(token, [.. Options(verb).Select(pair => pair.Option.LongName), "help"]) is string near ? $"--{near}, perhaps" : null;

    private static string? Expected(Verb verb, string name) =>
        Options(verb).FirstOrDefault(pair => pair.Option.LongName == name).Option is OptionAttribute option ? HelpPage.Usage(option) : null;

    private static string Required(Verb verb, NameInfo name) =>
        name.LongName.Length > 0 ? Dashes(name.LongName) : string.Join(' ', Values(verb).Where(pair => pair.Value.Required).Select(pair => pair.Value.MetaName));
}
