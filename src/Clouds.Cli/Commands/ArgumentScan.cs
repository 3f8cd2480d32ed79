using System.Reflection;
using CommandLine;

namespace Clouds.Cli.Commands;

/// <summary>
/// A first look at a verb's arguments for what CommandLineParser lets through: an option without its value, a positional
/// argument too many, and options that may repeat, which there swallow everything up to the next option.
/// </summary>
internal sealed class ArgumentScan
{
    private readonly Verb _verb;
    private readonly Dictionary<string, PropertyInfo> _options;

    public ArgumentScan(Verb verb, IReadOnlyList<string> arguments)
    {
        _verb = verb;
        _options = OptionParser.Options(verb).SelectMany(pair => Spellings(pair.Option).Select(name => (name, pair.Property))).ToDictionary();
        int positional = 0;
        for (int i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] == "--")
            {
                Others.AddRange(arguments.Skip(i));
                positional += arguments.Count - i - 1;
                break;
            }

            positional += arguments[i].StartsWith('-') ? 0 : 1;
            i += Take(arguments, i);
        }

        RefuseTooMany(positional, arguments);
    }

    /// <summary>What is left for the parser.</summary>
    public List<string> Others { get; } = [];

    /// <summary>Values of the options that may repeat.</summary>
    public Dictionary<PropertyInfo, List<string>> Lists { get; } = [];

    // Returns how many arguments belong to the one at i.
    private int Take(IReadOnlyList<string> arguments, int i)
    {
        string[] parts = arguments[i].Split('=', 2);
        if (!_options.TryGetValue(parts[0], out PropertyInfo? property) || property.PropertyType == typeof(bool))
        {
            Others.Add(arguments[i]);
            return 0;
        }

        bool inside = parts.Length == 2;
        if (!inside && (i + 1 == arguments.Count || arguments[i + 1].StartsWith("--", StringComparison.Ordinal)))
        {
            throw OptionParser.Wrong(_verb, "an option has no value", parts[0], OptionParser.Expected(_verb, LongName(property)));
        }

        if (property.PropertyType == typeof(IEnumerable<string>))
        {
            Lists.TryAdd(property, []);
            Lists[property].Add(inside ? parts[1] : arguments[i + 1]);
        }
        else
        {
            Others.AddRange(arguments.Skip(i).Take(inside ? 1 : 2));
        }

        return inside ? 0 : 1;
    }

    private static IEnumerable<string> Spellings(OptionAttribute option) =>
        string.IsNullOrEmpty(option.ShortName) ? [$"--{option.LongName}"] : [$"--{option.LongName}", $"-{option.ShortName}"];

    private static string LongName(PropertyInfo property) => property.GetCustomAttribute<OptionAttribute>()!.LongName;

    private void RefuseTooMany(int positional, IReadOnlyList<string> arguments)
    {
        IReadOnlyList<(PropertyInfo Property, ValueAttribute Value)> values = OptionParser.Values(_verb);
        bool open = values.Any(pair => pair.Property.PropertyType != typeof(string)
            && pair.Property.PropertyType.IsAssignableTo(typeof(System.Collections.IEnumerable)));
        if (!open && positional > values.Count)
        {
            // What looks like an argument too many is often the value of an option that does not exist.
            if (arguments.TakeWhile(argument => argument != "--").Select(argument => argument.Split('=')[0])
                .FirstOrDefault(name => name.StartsWith("--", StringComparison.Ordinal) && !_options.ContainsKey(name)) is string unknown)
            {
                throw OptionParser.Wrong(_verb, "an option is unknown", unknown, OptionParser.NearOption(_verb, unknown[2..]));
            }

            string expected = values.Count == 0 ? "options only" : string.Join(' ', values.Select(pair => pair.Value.MetaName));
            throw OptionParser.Wrong(_verb, "there are too many arguments", string.Join(' ', arguments), expected);
        }
    }
}
