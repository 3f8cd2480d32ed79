using System.Diagnostics;
using System.Text.RegularExpressions;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Scripts;

/// <summary>A machine for the repository's scripts, made of a copy of them and of the commands that the test lets it have.</summary>
internal sealed class ScriptMachine : IDisposable
{
    /// <summary>Commands of the system that scripts may count on.</summary>
    public static readonly IReadOnlyList<string> SystemCommands =
        ["bash", "cat", "cp", "dirname", "env", "find", "id", "ls", "mkdir", "mktemp", "mv", "rm", "sort", "timeout", "touch", "uname"];

    /// <summary>Commands that are played: they succeed without doing more than a script looks at.</summary>
    public static readonly IReadOnlyDictionary<string, string> PlayedCommands = new Dictionary<string, string>
    {
        ["apt-get"] = """case "$*" in *indextargets*) echo http://mirror.example/debian ;; *download*) touch nvrtc.deb ;; esac""",
        ["apt-cache"] = "exit 0",
        ["dpkg"] = """mkdir -p "$3/usr/lib"; touch "$3/usr/lib/libnvrtc.so.11.2" "$3/usr/lib/libnvrtc-builtins.so.11.8.89" """,
        ["dotnet"] = "exit 0",
        ["gcc"] = "exit 0",
    };

    private static readonly string[] Scripts = ["build.sh", ".ci/run", "tools/fetch-nvrtc.sh", "tools/Clouds.CudaStandIn/build.sh", "tools/sentences.sh"];
    private readonly TemporaryFolder _folder = new();

    public ScriptMachine()
    {
        foreach (string script in Scripts)
        {
            File.Copy(Path.Combine(Repository.Root, script), _folder[Path.Combine("repository", script)]);
        }

        foreach (string command in SystemCommands)
        {
            File.CreateSymbolicLink(_folder[Path.Combine("bin", command)], RealPath(command));
        }

        foreach ((string command, string body) in PlayedCommands)
        {
            Play(command, body);
        }

        Home = Directory.CreateDirectory(_folder["home"]).FullName;
        Set("PATH", _folder["bin"]).Set("HOME", Home);
    }

    /// <summary>The user's folder.</summary>
    public string Home { get; }

    /// <summary>All variables that a script sees.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>A path on this machine.</summary>
    public string this[string relative] => _folder[relative];

    public void Dispose() => _folder.Dispose();

    /// <summary>Sets a variable; null takes it away.</summary>
    public ScriptMachine Set(string name, string? value)
    {
        Variables.Remove(name);
        if (value is not null)
        {
            Variables[name] = value;
        }

        return this;
    }

    /// <summary>Takes a command away.</summary>
    public ScriptMachine Without(string command)
    {
        File.Delete(_folder[Path.Combine("bin", command)]);
        return this;
    }

    /// <summary>Puts a few lines of shell in the place of a command.</summary>
    public ScriptMachine Play(string command, string body)
    {
        Debug.Assert(OperatingSystem.IsLinux());
        string path = Without(command)._folder[Path.Combine("bin", command)];
        File.WriteAllText(path, $"#!{RealPath("bash")}\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return this;
    }

    /// <summary>The system's own command in the place of the played one; the test is skipped where there is none.</summary>
    public ScriptMachine WithReal(string command)
    {
        string? path = FindReal(command);
        Assert.SkipUnless(path is not null, $"this machine has no {command}");
        File.CreateSymbolicLink(Without(command)._folder[Path.Combine("bin", command)], path);
        return this;
    }

    /// <summary>Runs a script of the copied repository.</summary>
    public CommandLineRun Run(string script, params string[] arguments)
    {
        string path = _folder[Path.Combine("repository", script)];
        ProcessStartInfo start = new(RealPath("bash"), [path, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        foreach ((string name, string value) in Variables)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new CommandLineRun(process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    /// <summary>Fails unless the run ended well or with a sentence that names its script.</summary>
    public static void AssertNotWordless(CommandLineRun run)
    {
        bool sentence = Regex.IsMatch(run.Error, "^(.*/)?(build.sh|run|fetch-nvrtc.sh): .*[a-z]{2} .*[a-z]{2}", RegexOptions.Multiline);
        Assert.True(run.ExitCode == 0 || sentence, $"status {run.ExitCode}, on standard error: '{run.Error}'");
    }

    private static string RealPath(string command) => FindReal(command) ?? throw new FileNotFoundException($"no {command} on PATH");

    private static string? FindReal(string command)
        => Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, command)).FirstOrDefault(File.Exists);
}
