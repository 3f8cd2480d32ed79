namespace Clouds.Runtime.Native;

/// <summary>Folders that may hold CUDA's libraries, beside those that the system's loader knows.</summary>
/// <param name="variable">Value of an environment variable; null: it is not set.</param>
/// <param name="root">Where the system's folders begin; another one than "/" in tests.</param>
internal sealed class CudaFolders(Func<string, string?> variable, string root = "/")
{
    private const string Packages = "python3*/site-packages/nvidia/*/lib";
    private const string SystemPackages = "python3*/dist-packages/nvidia/*/lib";

    private static readonly EnumerationOptions Readable = new() { IgnoreInaccessible = true, MatchType = MatchType.Simple, AttributesToSkip = 0 };

    /// <summary>This machine's.</summary>
    public static CudaFolders Machine { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>Those that are there: first what the shell has switched on, then the user's, then the system's.</summary>
    public IEnumerable<string> All => Shell.Concat(User).Concat(Machinewide).Distinct();

    private IEnumerable<string> Shell =>
    [
        .. (variable("LD_LIBRARY_PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Where(Directory.Exists),
        .. Below(variable("VIRTUAL_ENV"), $"lib/{Packages}"),
        .. Below(variable("CONDA_PREFIX"), "lib"),
        .. Below(variable("CONDA_PREFIX"), $"lib/{Packages}"),
    ];

    // "pip install --user"; a machine without Python on its path may have the packages all the same.
    private IEnumerable<string> User => Below(variable("HOME"), $".local/lib/{Packages}");

    private IEnumerable<string> Machinewide =>
    [
        .. Below(root, $"usr/local/lib/{Packages}"),
        .. Below(root, $"usr/local/lib/{SystemPackages}"),
        .. Below(root, $"usr/lib/{SystemPackages}"),
        .. Below(root, "usr/local/cuda*/lib64"),
        .. Below(root, "usr/lib/x86_64-linux-gnu"),
        .. Below(root, "usr/lib64"),
    ];

    // Each part of the path may have a star; of several folders the last name comes first, which mostly is the newest.
    private static IEnumerable<string> Below(string? folder, string path) => string.IsNullOrEmpty(folder) ? [] : path.Split('/').Aggregate(
        Directory.Exists(folder) ? [folder] : Enumerable.Empty<string>(),
        (folders, part) => folders.SelectMany(found => Directory.EnumerateDirectories(found, part, Readable).OrderDescending(StringComparer.Ordinal)));
}
