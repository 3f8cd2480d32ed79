using System.Runtime.CompilerServices;

namespace Clouds.Tests.Server.Page;

/// <summary>A test in Debian's Chromium without a screen; skipped, with the reason, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    private static readonly string[] Names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];

    /// <summary>Looks for it.</summary>
    public BrowserFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
    {
        if (Executable is null)
        {
            Skip = "no browser on this machine: apt-get install chromium-headless-shell";
        }
    }

    /// <summary>Its file, or null.</summary>
    public static string? Executable { get; } = Names
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);
}
