using System.Globalization;

namespace Clouds.Tests.Cli.Commands;

/// <summary>Command lines of a network that trains in a second: 64 x 64 pixels, widths of 8 to 32.</summary>
internal static class TinyRun
{
    public const string Streets = "streets:source?count=4&width=64&height=64";

    private static readonly string[] Settings =
    [
        "network.encoder.depths=[1,1,1,1]", "network.encoder.widths=[8,16,16,32]",
        "network.pixelDecoder.width=32", "network.pixelDecoder.maskWidth=32", "network.pixelDecoder.layers=1",
        "network.pixelDecoder.heads=2", "network.pixelDecoder.feedForward=32",
        "network.transformerDecoder.width=32", "network.transformerDecoder.maskWidth=32",
        "network.transformerDecoder.layers=1", "network.transformerDecoder.heads=2",
        "network.transformerDecoder.feedForward=32", "network.transformerDecoder.queries=20",
        "batch=1", "loss.points=32", "testShortSide=0", "checkpointEvery=1",
        "augmentation.frameWidth=64", "augmentation.frameHeight=64", "augmentation.cropWidth=64", "augmentation.cropHeight=64",
    ];

    /// <summary>
    /// Arguments for two images of 256 x 352 pixels a step. A runtime leaves small tensors to one thread; the masks of these it shares out.
    /// </summary>
    public static readonly string[] SharedAmongThreads =
    [
        .. new[] { "batch=2", "augmentation.frameWidth=352", "augmentation.frameHeight=256", "augmentation.cropWidth=352", "augmentation.cropHeight=256" }
            .SelectMany(setting => new[] { "--set", $"training.{setting}" }),
    ];

    private static readonly Lazy<string> Trained = new(() =>
    {
        string folder = Directory.CreateTempSubdirectory("clouds-tiny-model-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        CommandLineRun run = CommandLineRun.Clouds(Train(folder, 2));
        return run.ExitCode == 0 ? Path.Combine(folder, "model.safetensors") : throw new InvalidOperationException(run.Error);
    });

    /// <summary>A model of the 19 street classes that was trained for two steps.</summary>
    public static string Model => Trained.Value;

    /// <summary>The arguments of `clouds train`.</summary>
    public static string[] Train(string folder, int steps, params string[] more) => Train(folder, steps, Streets, more);

    /// <summary>The arguments of `clouds train` on other data.</summary>
    public static string[] Train(string folder, int steps, string data, string[] more) =>
    [
        "train", "--data", data, "--out", folder, "--preset", "small", "--device", "cpu", "--set", "execution.threads=2",
        .. Settings.Append(string.Create(CultureInfo.InvariantCulture, $"steps={steps}")).SelectMany(setting => new[] { "--set", $"training.{setting}" }),
        .. more,
    ];
}
