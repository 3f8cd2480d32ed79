using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Scripts;

/// <summary>No script ends with an error and without a sentence that names it, whatever its surroundings lack.</summary>
[Kind(TestKind.Fast)]
public sealed class SentencesTests : IDisposable
{
    private const string BuildScript = "build.sh";
    private const string FetchScript = "tools/fetch-nvrtc.sh";
    private const string StandInScript = "tools/Clouds.CudaStandIn/build.sh";
    private readonly ScriptMachine _machine = new();

    public static TheoryData<string, string> ScriptsAndCommands => new(
        from script in new[] { BuildScript, FetchScript }
        from command in ScriptMachine.SystemCommands.Concat(ScriptMachine.PlayedCommands.Keys)
        select (script, command));

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData(BuildScript, "test")]
    [InlineData(BuildScript, "demo", "--", "--seed", "2")]
    [InlineData(BuildScript, "help")]
    [InlineData(".ci/run")]
    public void BuildScript_NothingLacks_EndsWell(string script, params string[] arguments)
    {
        CommandLineRun run = _machine.Run(script, arguments);
        Assert.True(run.ExitCode == 0, run.Error);
    }

    [Theory]
    [MemberData(nameof(ScriptsAndCommands))]
    public void Script_CommandIsMissing_DoesNotEndWordless(string script, string command)
        => ScriptMachine.AssertNotWordless(Run(_machine.Without(command), script));

    [Theory]
    [MemberData(nameof(ScriptsAndCommands))]
    public void Script_CommandFailsWordless_DoesNotEndWordless(string script, string command)
        => ScriptMachine.AssertNotWordless(Run(_machine.Play(command, "exit 2"), script));

    [Theory]
    [InlineData("HOME", null)]
    [InlineData("HOME", "")]
    [InlineData("HOME", "/proc/nowhere")]
    [InlineData("HOME", "/dev/null")]
    [InlineData("PATH", null)]
    [InlineData("PATH", "")]
    [InlineData("PATH", "/nowhere")]
    [InlineData("TMPDIR", "/proc/nowhere")]
    [InlineData("XDG_DATA_HOME", "/proc/nowhere")]
    public void Script_VariableLeadsNowhere_DoesNotEndWordless(string name, string? value)
        => Assert.All((string[])[BuildScript, ".ci/run", FetchScript], script => ScriptMachine.AssertNotWordless(Run(_machine.Set(name, value), script)));

    [Theory]
    [InlineData(2, "unknown verb 'tset'", "tset")]
    [InlineData(2, "unknown option '--ort'", "test", "--ort")]
    [InlineData(2, "the last option wants a value", "test", "--filter")]
    [InlineData(2, "--cuda belongs to publish", "test", "--cuda")]
    [InlineData(2, "--filter and --kind belong to test", "pack", "--filter", "Images")]
    [InlineData(2, "unknown kind 'slow'", "test", "--kind", "slow")]
    [InlineData(2, "arguments after -- belong to demo and bench", "pack", "--", "x")]
    public void BuildScript_WrongUsage_SaysWhatIsWrong(int status, string sentence, params string[] arguments) => AssertSays(status, sentence, arguments);

    [Fact]
    public void BuildScript_NoHome_SaysSo() => AssertSays(3, "HOME ('') is no folder", ["test"], _machine.Set("HOME", null));

    [Fact]
    public void BuildScript_OtherSystem_SaysWhichOneItIs()
        => AssertSays(3, "Clouds.Native builds on Linux x86_64; this is Darwin arm64", ["test"], _machine.Play("uname", "echo Darwin arm64"));

    [Fact]
    public void BuildScript_NoSdkAndNoWayToIt_SaysHowToGetIt()
        => AssertSays(3, "the .NET 10 SDK is missing and could not be installed from here", ["test"], _machine.Without("dotnet").Without("apt-get"));

    [Fact]
    public void BuildScript_ToolsCannotBeRestored_SaysSo()
        => AssertSays(3, "dotnet tool restore failed", ["test"], _machine.Play("dotnet", """[ "$1" != tool ]"""));

    [Fact]
    public void BuildScript_BuildFails_HandsItsStatusOn()
        => AssertSays(7, "lint failed with status 7", ["lint"], _machine.Play("dotnet", """[ "$1" != cake ] || exit 7"""));

    // The build signals the script, as a machine that shuts down would, and then does not end by itself for long.
    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("INT", 130)]
    [InlineData("HUP", 129)]
    public void BuildScript_Signal_EndsTheBuildAndSaysSo(string signal, int status)
    {
        string build = $"while [ $SECONDS -lt 1 ]; do :; done; kill -{signal} $PPID; while [ $SECONDS -lt 20 ]; do :; done; touch $HOME/survived";
        AssertSays(status, $"demo was ended by SIG{signal}", ["demo"], _machine.Play("dotnet", $$"""[ "$1" != cake ] || { {{build}}; }"""));
        Assert.False(File.Exists(Path.Combine(_machine.Home, "survived")));
    }

    [Fact]
    public void BuildScript_NoNvrtc_SaysThatTestsAreSkippedAndGoesOn()
    {
        CommandLineRun run = _machine.Without("dpkg").Run(BuildScript, "test");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("fetch-nvrtc.sh: dpkg is not on this machine", run.Error, StringComparison.Ordinal);
        Assert.Contains("build.sh: NVRTC is not here, tests of the CUDA kernels will be skipped", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "usage: build.sh PROVIDER DRIVER OUT")]
    [InlineData(3, "no C compiler (gcc or clang)", "provider", "driver", "out")]
    [InlineData(3, "nm is missing (package binutils)", "gcc", "provider", "driver", "out")]
    public void StandInScript_SomethingIsMissing_SaysWhat(int status, string sentence, params string[] arguments)
    {
        ScriptMachine machine = arguments is ["gcc", ..] ? _machine : _machine.Without("gcc");
        CommandLineRun run = machine.Run(StandInScript, [.. arguments.Where(argument => argument != "gcc")]);
        Assert.Equal(status, run.ExitCode);
        Assert.Contains($"build.sh: {sentence}", run.Error, StringComparison.Ordinal);
    }

    private void AssertSays(int status, string sentence, string[] arguments, ScriptMachine? machine = null)
    {
        CommandLineRun run = (machine ?? _machine).Run(BuildScript, arguments);
        Assert.Equal(status, run.ExitCode);
        Assert.Contains($"build.sh: {sentence}", run.Error, StringComparison.Ordinal);
    }

    private static CommandLineRun Run(ScriptMachine machine, string script) => script == BuildScript ? machine.Run(script, "test") : machine.Run(script);
}
