using System.Globalization;
using Clouds.Cli.Runs;
using Clouds.Native.Images;
using Clouds.Training.Engine;
using Clouds.Training.Validation;

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

    /// <summary>Adds a validation to the history.</summary>
    public static void Validate(string folder, int step, double score) => File.AppendAllText(Path.Combine(folder, "history.jsonl"), string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        {"step":{{step}},"validation":[{{Scores(score)}}],"meanIou":{{score}},"best":true,"seconds":1}

        """));

    private static string Scores(double score) => string.Create(
        CultureInfo.InvariantCulture, $$"""{"data":"night","meanIou":{{score}},"pixelAccuracy":0.75,"classes":{"car":null,"road":{{score}} } }""");

    /// <summary>Writes what the last validation found: the later an image, the better.</summary>
    public static void RecordValidation(string folder, long step, int images)
    {
        byte[] picture = ImageFile.EncodePng(Pictures.Gradient(12, 4));
        ValidatedImage[] scored = [.. Enumerable.Range(0, images).Select(i => new ValidatedImage($"image-{i}", i / (double)images, picture))];
        new ValidationRecord(step, [new ValidatedSet("night", ["road", "car"], [9, 1, 2, 8, 0, 0], scored)]).Write(new RunFolder(folder));
    }

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
