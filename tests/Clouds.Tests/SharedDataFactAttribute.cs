using System.Runtime.CompilerServices;

namespace Clouds.Tests;

/// <summary>
/// A test on optional real data in the folder shared/data beside the repository; skipped, with the reason, where it is absent.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedDataFactAttribute : FactAttribute
{
    /// <summary>Asks for a data folder.</summary>
    /// <param name="name">Path below shared/data, for instance "camvid".</param>
    public SharedDataFactAttribute(string name, [CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        if (!Path.Exists(PathOf(name)))
        {
            Skip = $"optional data is absent: shared/data/{name} beside the repository";
        }
    }

    /// <summary>Where the data lies on this machine.</summary>
    /// <param name="name">As in the attribute.</param>
    public static string PathOf(string name)
        => Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "data", name));
}
