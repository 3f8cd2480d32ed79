using System.Diagnostics;
using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Verification.Kernels;

namespace Clouds.Cli.Devices;

/// <summary>The same executable in a process of its own that is forbidden the widest vectors: the only way to have all twins use narrower ones.</summary>
internal static class NarrowerProcess
{
    private static readonly IReadOnlyDictionary<string, string[]> Forbidden = new Dictionary<string, string[]>
    {
        ["Vector256"] = ["EnableAVX512", "EnableAVX512F"],
        ["Plain"] = ["EnableAVX512", "EnableAVX512F", "EnableAVX2"],
    };

    /// <summary>Runs `clouds kernels verify --device cpu` with narrower vectors.</summary>
    /// <param name="level">Vectors to use at most.</param>
    /// <param name="arguments">Options that choose kernels and seeds.</param>
    /// <returns>Its lines; null where this process is no `clouds` or the runtime does not obey.</returns>
    /// <exception cref="CloudsException"><see cref="Failure.Internal"/>: the process broke down.</exception>
    public static NarrowerRun? Run(string level, IReadOnlyList<string> arguments)
    {
        if (OwnExecutable.Path is not string executable)
        {
            return null;
        }

        ProcessStartInfo start = new(executable, ["kernels", "verify", "--device", "cpu", "--own-vectors", "--json", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in Forbidden[level])
        {
            start.Environment[$"DOTNET_{name}"] = "0";
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        try
        {
            return Read(level, JsonElement.Parse(output));
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CloudsException(Failure.Internal, "the kernels could not be run with narrower vectors", where: level,
                found: $"exit code {process.ExitCode}, {error.Result.Trim()}", next: "run again with --own-vectors", inner: failure);
        }
    }

    private static NarrowerRun? Read(string level, JsonElement report)
    {
        NarrowerRun run = new(level, [.. report.GetProperty("kernels").EnumerateArray().Select(kernel => new NarrowerKernel(
            kernel.GetProperty("kernel").GetString()!, kernel.GetProperty("passed").GetBoolean(), kernel.GetProperty("digest").GetString()!))]);
        return report.GetProperty("kernels").EnumerateArray().All(kernel => kernel.GetProperty("architecture").GetString() == level) ? run : null;
    }
}
