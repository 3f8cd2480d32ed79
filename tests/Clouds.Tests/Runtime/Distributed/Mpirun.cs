using System.Diagnostics;
using System.Runtime.CompilerServices;
using Clouds.Runtime.Distributed;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Runtime.Distributed;

/// <summary>Starts processes as a user would, with Open MPI's mpirun.</summary>
internal static class Mpirun
{
    /// <summary>Why there is none, or null.</summary>
    public static string? Absent { get; } = File.Exists("/usr/bin/mpirun")
        ? null
        : "no Open MPI on this machine (Debian: openmpi-bin, libopenmpi3); ./build.sh test installs it where it runs as root with apt";

    /// <summary>Options that begin with two dashes and environment variables as NAME=VALUE may stand before the program.</summary>
    public static ProcessStartInfo Command(int ranks, params string[] rest)
    {
        ProcessStartInfo start = new("/usr/bin/mpirun", ["--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-n", $"{ranks}", .. rest])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TERM"] = "dumb"; // mpirun gives its processes terminals
        start.Environment["OMPI_MCA_btl_vader_single_copy_mechanism"] = "none";
        return start;
    }

    /// <summary>Runs `clouds` on several ranks to its end.</summary>
    public static CommandLineRun Clouds(int ranks, params string[] arguments)
    {
        using Process process = Process.Start(Command(ranks, [Path.Combine(AppContext.BaseDirectory, "clouds"), .. arguments]))!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        process.WaitForExit();
        return new CommandLineRun(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>
    /// The body of a test on several ranks: the test starts itself on them, and each joins the others and runs the body.
    /// </summary>
    public static void Run(
        int ranks, Action<RankGroup> body, RankSettings? settings = null, [CallerMemberName] string test = "", [CallerFilePath] string file = "")
    {
        if (Launch.Of(Environment.GetEnvironmentVariable) is not null)
        {
            using RankGroup group = RankGroup.Join(settings ?? new RankSettings());
            body(group);
            return;
        }

        string method = $"*.{Path.GetFileNameWithoutExtension(file)}.{test}";
        string[] command = [Path.Combine(AppContext.BaseDirectory, "Clouds.Tests"), "-noLogo", "-noColor", "-method", method];
        using Process process = Process.Start(Command(ranks, command))!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0 && output.Contains("Total: 1", StringComparison.Ordinal), output);
    }
}

/// <summary>A test that starts several processes; skipped, with the reason, where there is no Open MPI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MpiFactAttribute : FactAttribute
{
    /// <summary>Looks for mpirun.</summary>
    public MpiFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Skip = Mpirun.Absent;
}

/// <summary>The same for tests with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MpiTheoryAttribute : TheoryAttribute
{
    /// <summary>Looks for mpirun.</summary>
    public MpiTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Skip = Mpirun.Absent;
}
