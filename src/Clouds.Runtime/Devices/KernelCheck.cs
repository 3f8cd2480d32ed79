namespace Clouds.Runtime.Devices;

/// <summary>Checks of host code before a launch.</summary>
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

    /// <summary>A condition on sizes.</summary>
    public static void That(bool holds, string kernel, string what)
    {
        if (!holds)
        {
            throw new ArgumentException($"{kernel}: {what}");
        }
    }
}
