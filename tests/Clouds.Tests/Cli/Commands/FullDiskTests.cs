using System.Diagnostics;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Store;
using Clouds.Tests.Native.Generation.Language;
using Clouds.Tests.Native.Generation.Store;
using Clouds.Tests.Native.Generation.Weights;

namespace Clouds.Tests.Cli.Commands;

/// <summary>Generating verbs as processes whose files may not grow beyond a limit (ulimit -f, kilobytes): the system's answer is that of a full disk.</summary>
[Kind(TestKind.Fast)]
public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _model = new();

    public FullDiskTests()
    {
        new TinyDiffusion().Save(_model);
        File.WriteAllLines(_folder["prompts.txt"], TinyStore.Prompts);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _model.Dispose();
    }

    // Images have 2 KB; the list has 2 KB an image, so it is the first file that does not fit.
    [Fact]
    public void Generate_DiskThatFillsInTheMidst_Exits5AndTheSameCommandGoesOn()
    {
        CommandLineRun full = Limited(8, Generate("out"));

        Assert.True(full.ExitCode == (int)Failure.Output, full.Error);
        int listed = ImageStore.Read(_folder["out"]).Images().Count;
        Assert.InRange(listed, 1, 6);
        Assert.Contains($"the same command goes on, {listed} of 8 images are listed and whole", full.Error, StringComparison.Ordinal);
        Assert.Single(full.Error.Split('\n'), line => line.Contains("cannot be written", StringComparison.Ordinal));
        Assert.EndsWith("\n", File.ReadAllText(_folder["out/manifest.jsonl"]), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["out"], "*.tmp", SearchOption.AllDirectories));

        CommandLineRun resumed = CommandLineRun.Clouds(Generate("out"));
        Assert.Contains("8 of 8 images", resumed.Out, StringComparison.Ordinal);
        Assert.Equal(0, CommandLineRun.Clouds(Generate("whole")).ExitCode);
        Array.ForEach([_folder["out/index.html"], _folder["whole/index.html"]], File.Delete);
        Assert.Equal(TinyStore.Content(_folder["whole"]), TinyStore.Content(_folder["out"]));
    }

    [Theory]
    [InlineData(100, "MODEL/unet")]
    [InlineData(20, "LLAMA", "--quantize", "int4")]
    public void Import_DiskThatFills_Exits5AndLeavesNoFile(int limit, params string[] line)
    {
        string llama = TinyLlama.Write(_folder["llama"]), output = _folder["made/model.safetensors"];
        string[] import = [.. line.Select(word => word.Replace("MODEL", _model.Path).Replace("LLAMA", llama)), "--out", output];
        CommandLineRun full = Limited(limit, ["model", "import", .. import]);

        Assert.True(full.ExitCode == (int)Failure.Output, full.Error);
        Assert.Empty(Directory.GetFiles(_folder["made"]));
        Assert.Equal(0, CommandLineRun.Clouds(["model", "import", .. import]).ExitCode);
    }

    private string[] Generate(string output) =>
    [
        "generate", "--model", _model.Path, "--prompts", _folder["prompts.txt"], "--count", "8", "--size", "32x32", "--steps", "2",
        "--out", _folder[output], "--device", "cpu", "--set", "execution.threads=1",
    ];

    // .NET's guard of compiled code needs a large file of its own.
    private CommandLineRun Limited(int limit, string[] arguments)
    {
        string[] command =
        [
            "-c", $"""export DOTNET_EnableWriteXorExecute=0; ulimit -f {limit}; error="$1"; shift; exec "$0" "$@" 2> "$error" """,
            Path.Combine(AppContext.BaseDirectory, "clouds"), _folder["error"], .. arguments,
        ];
        using Process shell = Process.Start(new ProcessStartInfo("bash", command) { RedirectStandardOutput = true })!;
        string output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return new CommandLineRun(shell.ExitCode, output, File.ReadAllText(_folder["error"]));
    }
}
