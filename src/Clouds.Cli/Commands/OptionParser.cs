using System.Globalization;
using System.Reflection;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Runtime.Devices;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>Parses a verb's options with CommandLineParser and turns its errors into messages that help.</summary>
internal static class OptionParser
{
    private const StringComparison Fold = StringComparison.OrdinalIgnoreCase;

    public static CommonOptions Parse(Verb verb, IReadOnlyList<string> arguments)
    {
        using Parser parser = new(settings =>
        {
            settings.AutoHelp = false;
            settings.AutoVersion = false;
            settings.HelpWriter = null;
            settings.EnableDashDash = true;
            settings.CaseInsensitiveEnumValues = true;
            settings.ParsingCulture = CultureInfo.InvariantCulture;
        });
        ArgumentScan scan = new(verb, arguments);
        // The factory overload parses into any type without a generic call per verb.
        ParserResult<CommonOptions> result = parser.ParseArguments(() => (CommonOptions)Activator.CreateInstance(verb.OptionsType)!, scan.Others);
        CommonOptions options = result is Parsed<CommonOptions> parsed ? parsed.Value : throw Explain(verb, result.Errors.First());
        foreach ((PropertyInfo property, List<string> values) in scan.Lists)
        {
            property.SetValue(options, values);
        }

        CheckDevice(verb, options);
        return options;
    }

    // Also where the verb computes nothing: a name that means nothing is a slip worth hearing of.
    private static void CheckDevice(Verb verb, CommonOptions options)
    {
        if (options.Device is not string text)
        {
            return;
        }

        string? expected = Expected(verb, "device");
        if (!DeviceName.TryParse(text, out DeviceName device))
        {
            string near = DeviceName.Nearest(text) is string name ? $"; --device {name}, perhaps" : "";
            throw Wrong(verb, "the device is unknown", $"--device {text}", expected + near);
        }

        if (device == DeviceName.Emulated && options is not EmulatedDeviceOptions)
        {
            throw Wrong(verb, "this verb does not run on the emulated device", "--device emulated", expected);
        }
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

    internal static CloudsException Wrong(Verb verb, string what, string? found, string? expected) =>
        new(Failure.Usage, what, $"clouds {verb.Name}", found, expected, $"`clouds {verb.Name} --help` shows options and examples");

    private static string Dashes(string name) => name.Length == 1 ? $"-{name}" : $"--{name}";

    // A slip of the keyboard, the beginning or the long form of a name ("output"), or a setting that somebody took for an option; otherwise all there are.
    internal static string NearOption(Verb verb, string token)
    {
        string[] names = [.. Options(verb).Select(pair => pair.Option.LongName), "help"];
        string? near = NearestName.Find(token, names)
            ?? names.FirstOrDefault(name => token.Length > 1 && (name.StartsWith(token, Fold) || token.StartsWith(name, Fold)));
        return near is not null ? $"--{near}, perhaps"
            : Provenance.Of(new CloudsSettings(), new CloudsSettings(), new Dictionary<string, string>(), "").Leaves
                .FirstOrDefault(leaf => leaf.Key.EndsWith($".{token.Replace("-", "", Fold)}", Fold)) is SettingLeaf leaf ? $"--set {leaf.Key}=VALUE, perhaps"
            : string.Join(", ", names.Select(Dashes));
    }

    internal static string? Expected(Verb verb, string name) =>
        Options(verb).FirstOrDefault(pair => pair.Option.LongName == name).Option is OptionAttribute option ? HelpPage.Usage(option) : null;

    private static string Required(Verb verb, NameInfo name) =>
        name.LongName.Length > 0 ? Dashes(name.LongName) : string.Join(' ',
            Values(verb).Where(pair => pair.Value.Required).Select(pair => pair.Value.MetaName));
}
