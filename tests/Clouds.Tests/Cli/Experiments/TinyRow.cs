using System.Globalization;

namespace Clouds.Tests.Cli.Experiments;

/// <summary>A row over street scenes whose network trains in a second: both stages, two test sets.</summary>
internal static class TinyRow
{
    public const string Night = "streets:night?count=2&width=64&height=64&split=test";
    public const string Fog = "streets:fog?count=2&width=64&height=64&split=test";

    /// <summary>Writes it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="steps">Steps of each stage.</param>
    /// <param name="stages">"[1, 2]" or "[1]".</param>
    /// <returns>The file.</returns>
    public static string Write(string path, int steps, string stages = "[1, 2]")
    {
        File.WriteAllText(path, $$"""
            {
              "base": "small",
              "experiment": {
                "source": "streets:source?count=4&width=64&height=64", "generated": "streets:night?count=3&width=64&height=64",
                "tests": ["{{Night}}", "{{Fog}}"]
              },
              "stages": {{stages}},
              "execution": { "threads": 1 },
              "training": {
                "network": {
                  "encoder": { "depths": [1, 1, 1, 1], "widths": [8, 16, 16, 32] },
                  "pixelDecoder": { "width": 32, "maskWidth": 32, "layers": 1, "heads": 2, "feedForward": 32 },
                  "transformerDecoder": { "width": 32, "maskWidth": 32, "layers": 1, "heads": 2, "feedForward": 32, "queries": 20 }
                },
                "batch": 2, "steps": {{steps.ToString(CultureInfo.InvariantCulture)}}, "loss": { "points": 32 }, "testShortSide": 0, "checkpointEvery": 1,
                "augmentation": { "frameWidth": 64, "frameHeight": 64, "cropWidth": 64, "cropHeight": 64 }
              },
              "selfTraining": { "steps": {{steps.ToString(CultureInfo.InvariantCulture)}} }
            }
            """);
        return path;
    }
}
