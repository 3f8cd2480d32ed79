namespace Clouds.Runtime.Devices;

/// <summary>Checks of a kernel's host code or twin, before anything is written.</summary>
internal static class KernelCheck
{
    /// <summary>Lengths must be equal.</summary>
    /// <exception cref="ArgumentException">They differ; the message has both and the formula.</exception>
    public static void Length(long found, long expected, string name, string formula)
    {
        if (found != expected)
        {
            throw new ArgumentException($"{name} has {found} elements, expected {expected} = {formula}");
        }
    }

    /// <summary>A range of units of work must lie inside the whole.</summary>
    /// <exception cref="ArgumentException">It does not.</exception>
    public static void Range(int from, int to, long total, string units)
    {
        if (from < 0 || from > to || to > total)
        {
            throw new ArgumentException($"{units} {from}..{to} do not lie in 0..{total}");
        }
    }

    /// <summary>A condition on sizes.</summary>
    public static void That(bool holds, string kernel, string what)
    {
        if (!holds)
        {
            throw new ArgumentException($"{kernel}: {what}");
        }
    }
}
