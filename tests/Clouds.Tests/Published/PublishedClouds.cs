using System.Diagnostics;
using System.Runtime.Intrinsics.X86;
using Clouds.Runtime.Native;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Published;

/// <summary>The published executable as a process of its own, in surroundings that the test decides.</summary>
internal static class PublishedClouds
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(4);

    /// <summary>The executable, which ./build.sh test publishes and names in this variable.</summary>
    public static string? Executable => Environment.GetEnvironmentVariable("CLOUDS_TEST_EXECUTABLE");

    /// <summary>The library that stands in for the driver, likewise.</summary>
    public static string? StandIn => Environment.GetEnvironmentVariable("CLOUDS_TEST_STANDIN");

    /// <summary>The first need that is not met, in words; null where all are.</summary>
    public static string? WhyNot(PublishedNeeds needs)
        => Absent("CLOUDS_TEST_EXECUTABLE")
        ?? (needs.HasFlag(PublishedNeeds.StandIn) ? Absent("CLOUDS_TEST_STANDIN") : null)
        ?? (needs.HasFlag(PublishedNeeds.StandIn) && !(Avx2.IsSupported
            && Fma.IsSupported) ? "the stand-in is compiled for processors with AVX2 and FMA" : null)
        ?? (needs.HasFlag(PublishedNeeds.Compiler) ? NvrtcForTests.Absent : null)
        ?? (needs.HasFlag(PublishedNeeds.NoDriver) && Directory.Exists("/proc/driver/nvidia") ? "this machine has an NVIDIA driver" : null);

    /// <summary>A folder whose libcuda.so.1 is the stand-in.</summary>
    public static TemporaryFolder DriverFolder()
    {
        TemporaryFolder folder = new();
        File.CreateSymbolicLink(folder["libcuda.so.1"], StandIn!);
        return folder;
    }

    /// <summary>Runs the executable over the stand-in, with NVRTC where the machine has it.</summary>
    /// <param name="settings">Variables of the stand-in: "FAIL=cuInit=100" sets CLOUDS_EMULATOR_FAIL.</param>
    /// <param name="arguments">Command line.</param>
    public static CommandLineRun OverStandIn(IEnumerable<string> settings, params string[] arguments)
    {
        using TemporaryFolder driver = DriverFolder();
        IEnumerable<(string, string)> emulator = settings.Select(setting => setting.Split('=', 2)).Select(pair => ($"CLOUDS_EMULATOR_{pair[0]}", pair[1]));
        string? compiler = NvrtcForTests.Absent is null ? Path.GetDirectoryName(NvrtcForTests.Library.Search.File) : null;
        return Run([("LD_LIBRARY_PATH", driver.Path), (Nvrtc.PathVariable, compiler ?? driver.Path), .. emulator], arguments);
    }

    /// <summary>Runs the executable.</summary>
    /// <param name="variables">As below.</param>
    /// <param name="arguments">Command line.</param>
    public static CommandLineRun Run(IEnumerable<(string Name, string Value)> variables, params string[] arguments) => Run(Executable!, variables, arguments);

    /// <summary>Runs another build of it.</summary>
    /// <param name="executable">Its path; what it unpacks and compiles stays beside it.</param>
    /// <param name="variables">
    /// Variables beside those every process has; those of the machine that could lead to another driver or compiler are taken away.
    /// </param>
    /// <param name="arguments">Command line.</param>
    public static CommandLineRun Run(string executable, IEnumerable<(string Name, string Value)> variables, string[] arguments)
        => Run(new ProcessStartInfo(executable, arguments), Path.GetDirectoryName(executable)!, variables);

    /// <summary>Runs the executable as a line of a shell's.</summary>
    /// <param name="line">Bash, with the executable as "$0" and its arguments as "$@".</param>
    /// <param name="variables">As above.</param>
    /// <param name="arguments">Command line.</param>
    public static CommandLineRun InShell(string line, IEnumerable<(string Name, string Value)> variables, params string[] arguments)
        => Run(new ProcessStartInfo("bash", ["-c", line, Executable!, .. arguments]), Path.GetDirectoryName(Executable)!, variables);

    private static CommandLineRun Run(ProcessStartInfo start, string folder, IEnumerable<(string Name, string Value)> variables)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        foreach (string name in start.Environment.Keys.Where(name => name is "LD_LIBRARY_PATH" or "LD_PRELOAD"
            || name.StartsWith("CLOUDS_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name);
        }

        // What the executable unpacks and compiles stays beside it, and out of the user's folders.
        start.Environment["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = Path.Combine(folder, "unpacked");
        start.Environment["XDG_DATA_HOME"] = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Longest))
        {
            process.Kill();
            Assert.Fail($"{string.Join(' ', start.ArgumentList)} did not end within {Longest}");
        }

        return new CommandLineRun(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    private static string? Absent(string variable)
        => File.Exists(Environment.GetEnvironmentVariable(variable)) ? null
        : Environment.GetEnvironmentVariable($"{variable}_ABSENT")
            ?? "./build.sh test publishes the executable and the driver's stand-in first, and says where they are";
}
