using Clouds.Diagnostics;

namespace Clouds.Runtime.Distributed;

/// <summary>
/// One or more ranks are lost: their names, hosts, and where they were last heard of. A <see cref="Failure.Device"/>, unless they left with another failure.
/// </summary>
public sealed class RankLossException : CloudsException
{
    internal RankLossException(Failure failure, string what, string where, string found, string expected, string next, bool left, Exception? inner = null)
        : base(failure, what, where, found, expected, next, inner) => Left = left;

    /// <summary>Whether they left by themselves, with a failure: their own words say why.</summary>
    public bool Left { get; }

    // One loss fails every call that needs the rank; each has its own trace.
    internal RankLossException Again() => new(Failure, What, Where!, Found!, Wanted!, Next!, Left, this);
}
