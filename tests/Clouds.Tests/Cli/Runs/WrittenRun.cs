using System.Globalization;
using Clouds.Cli.Runs;

namespace Clouds.Tests.Cli.Runs;

/// <summary>Folders of runs that nobody trained.</summary>
internal static class WrittenRun
{
    /// <summary>Writes the history of so many steps.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="steps">Steps.</param>
    /// <param name="loss">Loss of the first; later ones fall.</param>
    public static void History(string folder, int steps, double loss = 8)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, "history.jsonl"), Enumerable.Range(0, steps).Select(step => Line(step, loss / (1 + (step / 10.0)))));
    }

    /// <summary>One line of it.</summary>
    public static string Line(int step, double loss) => string.Create(CultureInfo.InvariantCulture,
        $$"""
        {"step":{{step}},"loss":{{loss}},"classLoss":{{loss / 2}},"gradientNorm":2,"learningRate":0.001,"seconds":0.5,"dataSeconds":0.1,"memory":1073741824}
        """);

    /// <summary>Writes a description with some settings.</summary>
    public static void Describe(string folder, params (string Key, string Value)[] settings)
    {
        Directory.CreateDirectory(folder);
        RunLaunch launch = new(
            new DateTimeOffset(2026, 11, 28, 23, 5, 7, TimeSpan.Zero), "clouds train --out run", "/home", new Dictionary<string, string> { ["cores"] = "2" },
            new Dictionary<string, string> { ["clouds"] = "0.1.0+abc" });
        new RunDescription($"clouds train --out {folder}-again", [.. settings.Select(setting => new RunSetting(setting.Key, setting.Value, "--set"))], [launch])
            .Write(folder);
    }
}
