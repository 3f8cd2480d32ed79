namespace Clouds.Cli.Diagnosis;

/// <summary>How a finding is to be read.</summary>
internal enum FindingState
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Works, but slower or with less than it could.</summary>
    Warning,

    /// <summary>Not there, and needed for some uses only.</summary>
    Absent,

    /// <summary>Needed and not there.</summary>
    Missing,
}

/// <summary>One line of `clouds doctor`.</summary>
/// <param name="Subject">What was looked at.</param>
/// <param name="State">How to read it.</param>
/// <param name="Value">What was found.</param>
/// <param name="Next">What to do; null where nothing need be done.</param>
internal sealed record Finding(string Subject, FindingState State, string Value, string? Next = null);

/// <summary>Something about the machine that Clouds.Native depends on.</summary>
internal interface IMachineCheck
{
    /// <summary>Looks, changes nothing.</summary>
    IEnumerable<Finding> Examine();
}
