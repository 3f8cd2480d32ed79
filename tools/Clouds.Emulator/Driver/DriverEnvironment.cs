using System.Globalization;

namespace Clouds.Emulator.Driver;

/// <summary>
/// Settings of the stand-in library, which nobody can pass an argument: environment variables. The table in tools/README.md explains them.
/// </summary>
public static class DriverEnvironment
{
    /// <summary>Seed of the schedules.</summary>
    public const string Seed = "CLOUDS_EMULATOR_SEED";

    /// <summary>"1" looks for races.</summary>
    public const string Races = "CLOUDS_EMULATOR_RACES";

    /// <summary>Bytes of device memory.</summary>
    public const string Memory = "CLOUDS_EMULATOR_MEMORY";

    /// <summary>Compute capability times ten: one for all GPUs, or "80,90" for two.</summary>
    public const string Architecture = "CLOUDS_EMULATOR_ARCHITECTURE";

    /// <summary>CUDA version of the driver, 11080 for 11.8.</summary>
    public const string Version = "CLOUDS_EMULATOR_VERSION";

    /// <summary>Number of GPUs; 0 makes a driver without one.</summary>
    public const string Gpus = "CLOUDS_EMULATOR_GPUS";

    /// <summary>Calls that fail: "cuInit=100,cuMemAlloc_v2@3=2" lets every cuInit and the third cuMemAlloc_v2 return these codes.</summary>
    public const string Fail = "CLOUDS_EMULATOR_FAIL";

    /// <summary>"1" counts launches, fills and copies inside the device without doing them.</summary>
    public const string CountOnly = "CLOUDS_EMULATOR_COUNT_ONLY";

    /// <summary>"1" writes every copy and allocation to standard error.</summary>
    public const string Trace = "CLOUDS_EMULATOR_TRACE";

    /// <summary>A driver as the environment wants it.</summary>
    /// <exception cref="FormatException">A variable cannot be understood; the message names it.</exception>
    public static DriverState Read()
    {
        DriverState state = new(AllGpus()) { Version = (int)Number(Version, 13_000), Reports = true, Traces = Number(Trace, 0) == 1 };
        AddFailures(state, Environment.GetEnvironmentVariable(Fail) ?? "");
        return state;
    }

    private static IReadOnlyList<EmulatorSettings> AllGpus()
    {
        EmulatorSettings defaults = new();
        defaults = defaults with
        {
            Seed = (ulong)Number(Seed, (long)defaults.Seed),
            DetectRaces = Number(Races, 0) == 1,
            CountOnly = Number(CountOnly, 0) == 1,
            MemoryBytes = Number(Memory, defaults.MemoryBytes),
        };
        int count = (int)Number(Gpus, 1);
        string[] architectures = (Environment.GetEnvironmentVariable(Architecture) ?? "").Split(',');
        return architectures.Length == 1 || architectures.Length == count
            ? [.. Enumerable.Range(0, count).Select(gpu => defaults with
            {
                Architecture = (int)Number(Architecture, architectures[gpu % architectures.Length], defaults.Architecture),
            })]
            : throw new FormatException($"{Architecture}: {architectures.Length} architectures for {count} GPUs");
    }

    /// <summary>Adds failures as <see cref="Fail"/> describes them.</summary>
    /// <exception cref="FormatException">The text cannot be understood.</exception>
    public static void AddFailures(DriverState state, string text)
    {
        foreach (string item in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] sides = item.Split('=');
            string[] call = sides[0].Split('@');
            int code = 0;
            int ordinal = 0;
            bool understood = sides.Length == 2 && call.Length <= 2 && EmulatedDriver.Find(call[0]) != 0 && int.TryParse(sides[1], out code)
                && (call.Length == 1 || (int.TryParse(call[1], out ordinal) && ordinal > 0));
            if (!understood)
            {
                throw new FormatException($"{Fail}: '{item}' is not CALL=CODE or CALL@ORDINAL=CODE with an entry point of this library");
            }

            if (ordinal > 0)
            {
                state.SingleFailures[(call[0], ordinal)] = code;
            }
            else
            {
                state.Failures[call[0]] = code;
            }
        }
    }

    private static long Number(string variable, long otherwise) => Number(variable, Environment.GetEnvironmentVariable(variable), otherwise);

    private static long Number(string variable, string? text, long otherwise) => string.IsNullOrEmpty(text) ? otherwise
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value
        : throw new FormatException($"{variable}: '{text}' is not a number");
}
