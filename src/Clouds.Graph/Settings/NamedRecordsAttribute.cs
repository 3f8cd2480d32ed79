namespace Clouds.Graph.Settings;

/// <summary>
/// Names for whole records of a section with kinds: whoever writes one where the kind is asked for gets the record, and may change it from there.
/// </summary>
/// <param name="member">A static property of the marked type: a dictionary from names to records.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NamedRecordsAttribute(string member) : Attribute
{
    /// <summary>The property's name.</summary>
    public string Member { get; } = member;
}
