namespace Clouds.Cli.Settings;

/// <summary>A piece of configuration as it was written, with the place where it stands.</summary>
/// <param name="Origin">File and line, or the override, for messages and `config show`.</param>
internal abstract record SettingNode(string Origin)
{
    /// <summary>What it is, for messages.</summary>
    public abstract string Kind { get; }
}

/// <summary>Keys and values; the keys' own origins are those of their values' first characters.</summary>
internal sealed record ObjectNode(string Origin, IReadOnlyList<(string Key, string Origin, SettingNode Value)> Members) : SettingNode(Origin)
{
    public override string Kind => "an object";
}

internal sealed record ListNode(string Origin, IReadOnlyList<SettingNode> Items) : SettingNode(Origin)
{
    public override string Kind => "a list";
}

/// <summary>A string, number, truth value or null.</summary>
/// <param name="Origin">Where it stands.</param>
/// <param name="Text">The string's content, or the characters of the number or word.</param>
/// <param name="Type">How it was written.</param>
/// <param name="FromOverride">Whether it comes from the command line, where quotes around strings are not asked for.</param>
internal sealed record ScalarNode(string Origin, string Text, ScalarType Type, bool FromOverride) : SettingNode(Origin)
{
    public override string Kind => Type switch
    {
        ScalarType.Text => $"the string \"{Text}\"",
        ScalarType.Number => $"the number {Text}",
        _ => Text,
    };
}

internal enum ScalarType
{
    Text,
    Number,
    Truth,
    Null,
}
