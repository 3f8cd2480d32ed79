using Clouds.Cli.Commands;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Tests.Cli.Commands;
using Clouds.Tests.Cli.Experiments;
using Clouds.Tests.Native.Generation.Language;
using Clouds.Tests.Native.Generation.Store;
using Clouds.Tests.Native.Generation.Weights;
using Clouds.Tests.Native.Sam;

namespace Clouds.Tests.Published;

/// <summary>Every verb of the executable where a machine is not as one would wish: no home, narrow terminals, full disks, readers that leave.</summary>
[Kind(TestKind.Published)]
public sealed class SurroundingsTests : IDisposable
{
    private const string Defect = "this is a defect";
    private static readonly string Golden = Path.Combine(Repository.Root, "tests", "golden", "optimizer");
    private static readonly string Weights =
        Path.Combine(Repository.Root, "tests", "golden", "torchvision_resnet", "resnet50_like", "weights.safetensors");

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _diffusion = new();

    public SurroundingsTests()
    {
        ImageFile.WritePng(_folder["images/a.png"], Pictures.Noise(40, 40));
        LabelPng.WriteGray8(_folder["ids/a.png"], Pictures.Plain(40, 40, 4));
        TinySam.Write(_folder["sam.safetensors"]);
        File.WriteAllText(_folder["list.txt"], "a photo of a car in rain\n");
        new TinyDiffusion().Save(_diffusion);
        File.WriteAllText(_folder["prompts.txt"], "a photo of a car in the rain\n");
        File.WriteAllText(_folder["bench.json"], """{"map":"a","peer":"b","result":1,"ms_median":2,"ms_min":2}""");
        File.WriteAllBytes(_folder["maps/a.u8"], new byte[64]);
        File.WriteAllText(_folder["maps/index.json"], """[{ "name": "a", "file": "a.u8", "h": 8, "w": 8, "kind": "binary" }]""");
    }

    // Serve ends when somebody ends it: OneFileTests does.
    public static TheoryData<string> Verbs =>
        [.. VerbList.All.Select(verb => verb.Name).Where(name => name is not ("demo" or "reproduce mini" or "data init" or "serve")), "help"];

    public void Dispose()
    {
        _folder.Dispose();
        _diffusion.Dispose();
    }

    [PublishedTheory(PublishedNeeds.None)]
    [MemberData(nameof(Verbs))]
    public void Verb_NoHomeAndItsReaderLeaves_DoesItsWork(string verb)
    {
        CommandLineRun run = PublishedClouds.InShell(
            """set -o pipefail; unset HOME; "$0" "$@" | head -n 1""", [("DOTNET_BUNDLE_EXTRACT_BASE_DIR", "/proc")], Line(verb));
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Single(run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("\x1b", run.Error, StringComparison.Ordinal);
    }

    [PublishedTheory(PublishedNeeds.None)]
    [MemberData(nameof(Verbs))]
    public void Verb_ReadOnlyHomeAndANarrowTerminal_NeverMovesTheCursorUp(string verb)
    {
        string line = string.Join(' ', Line(verb).Select(word => $"'{word}'"));
        CommandLineRun run = PublishedClouds.InShell(
            $"""TERM=xterm script -qec "stty cols 60; '$0' {line}" /dev/null < /dev/null""", [("DOTNET_BUNDLE_EXTRACT_BASE_DIR", ""), ("HOME", "/proc")]);
        Assert.True(run.ExitCode == 0, run.Out);
        Assert.DoesNotMatch(@"\x1b\[\d*A", run.Out);
        Assert.All(run.Out.Split('\r', '\n').Where(text => text.StartsWith('[')), status => Assert.InRange(status.Replace("\x1b[J", "").Length, 1, 59));
    }

    [PublishedTheory(PublishedNeeds.None)]
    [MemberData(nameof(Verbs))]
    public void Verb_StandardOutputIsFull_IsAnOutputFailure(string verb)
    {
        CommandLineRun run = PublishedClouds.InShell("""exec "$0" "$@" > /dev/full""", [], Line(verb));
        Assert.Equal((int)Failure.Output, run.ExitCode);
        Assert.Contains("results cannot be written", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Defect, run.Error, StringComparison.Ordinal);
    }

    [PublishedTheory(PublishedNeeds.None)]
    [InlineData("version")]
    [InlineData("segment")]
    public void Verb_StandardErrorIsFull_DoesItsWork(string verb)
        => Assert.Equal(0, PublishedClouds.InShell("""exec "$0" "$@" 2> /dev/full""", [], Line(verb)).ExitCode);

    // Doctor has the libraries unpacked before. .NET's guard of compiled code needs a large file of its own; without it the limit is met where the verbs write.
    [PublishedTheory(PublishedNeeds.None)]
    [InlineData("data show")]
    [InlineData("generate")]
    [InlineData("model export")]
    [InlineData("model average")]
    [InlineData("segment")]
    [InlineData("train")]
    public void Verb_FilesMayNotGrow_IsAnOutputFailure(string verb)
    {
        Assert.Equal(0, PublishedClouds.Run([], "doctor").ExitCode);
        CommandLineRun run = PublishedClouds.InShell("""ulimit -f 1; exec "$0" "$@" """, [("DOTNET_EnableWriteXorExecute", "0")], Line(verb));
        Assert.Equal((int)Failure.Output, run.ExitCode);
        Assert.DoesNotContain(Defect, run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.tmp", SearchOption.AllDirectories));
    }

    [PublishedTheory(PublishedNeeds.None)]
    [InlineData("train", "INT")]
    [InlineData("train", "TERM")]
    [InlineData("train", "HUP")]
    [InlineData("segment", "INT")]
    [InlineData("generate", "TERM")]
    [InlineData("evaluate", "TERM")]
    [InlineData("data check", "HUP")]
    [InlineData("data show", "INT")]
    [InlineData("kernels verify", "TERM")]
    [InlineData("bench kernels", "HUP")]
    [InlineData("demo", "INT")]
    public void Verb_Signal_StopsWith130AndOneSentence(string verb, string signal)
    {
        string begun = verb == "train" ? "^train " : ".";
        // Job control: without it a shell's background processes are deaf to SIGINT.
        CommandLineRun run = PublishedClouds.InShell(
            $"""set -m; "$0" "$@" 2> "$SAID" & until grep -qs "{begun}" "$SAID"; do sleep 0.02; done; """
                + $"""kill -{signal} $!; wait $!; code=$?; cat "$SAID" >&2; exit $code""",
            [("SAID", _folder["said"])], Long(verb));
        Assert.True(run.ExitCode == (int)Failure.Interrupted, $"{run.ExitCode}\n{run.Error}");
        Assert.Contains("clouds: finishing the present step", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Split('\n'), line => line.StartsWith("clouds: stopped", StringComparison.Ordinal));
        Assert.DoesNotContain(Defect, run.Error, StringComparison.Ordinal);
        Assert.True(verb != "train" || File.Exists(_folder["run/checkpoint.safetensors"]));
    }

    private string[] Line(string verb) => [.. verb.Split(' '), .. verb switch
    {
        "train" => TinyRun.Train(_folder["run"], 1)[1..],
        "train tokenizer" => ["--data", _folder["list.txt"], "--out", _folder["run"]],
        "train clip" or "train sam" or "train vae" or "train diffusion" or "train llm" => new TinyTrainings(_folder["inputs"]).Line(verb, _folder["run"]),
        "evaluate" => [TinyRun.Model, "--data", TinyRun.Streets, "--out", _folder["scores"], "--device", "cpu"],
        "evaluate compare" =>
            [TinyRun.Model, TinyRun.Model, "--data", TinyRun.Streets, "--out", _folder["compared/page.html"], "--device", "cpu"],
        "evaluate clip" =>
            [TinyClip.Write(_folder["clip"]), "--data", "world:wide?count=20&width=64&height=64", "--out", _folder["judged"], "--device", "cpu"],
        "evaluate sam" =>
            [_folder["sam.safetensors"], "--data", "world:wide?count=1&width=64&height=64", "--out", _folder["judged"], "--device", "cpu"],
        "evaluate vae" => [_diffusion.Path, "--data", TinyRun.Streets, "--out", _folder["judged"], "--device", "cpu"],
        "evaluate diffusion" =>
        [
            _diffusion.Path, "--clip", TinyClip.Write(_folder["clip"]), "--data", "world:wide?count=20&width=64&height=64", "--steps", "1",
            "--out", _folder["judged"], "--device", "cpu",
        ],
        "evaluate llm" => [TinyLlama.Write(_folder["llama"]), "--lists", "1", "--count", "1", "--out", _folder["judged"], "--threads", "1"],
        "segment" => [TinyRun.Model, _folder["images"], "--out", _folder["labelled"], "--device", "cpu"],
        "refine" =>
        [
            _folder["images"], _folder["ids"], "--sam", _folder["sam.safetensors"], "--threshold", "9", "--out", _folder["refined"], "--device", "cpu",
        ],
        "sam" => [_folder["images"], "--weights", _folder["sam.safetensors"], "--points", "3,4", "--out", _folder["masks"], "--device", "cpu"],
        "generate" =>
        [
            "--model", _diffusion.Path, "--prompts", _folder["prompts.txt"], "--size", "16x16", "--steps", "2",
            "--out", _folder["generated"], "--device", "cpu",
        ],
        "data check" => (string[])[TinyRun.Streets],
        "data show" => [TinyRun.Streets, "--count", "1", "--out", _folder["shown"]],
        "model export" => [TinyRun.Model, "--out", _folder["model.onnx"]],
        "model average" => [TinyRun.Model, "--out", _folder["average.safetensors"]],
        "model pack" => [TinyTrainings.Trained("train llm", _folder["inputs"], _folder["run"]), "--out", _folder["packed"]],
        "model card" or "model verify" => [TinyRun.Model],
        "prompts" => ["--template", "--out", _folder["prompts.jsonl"]],
        "prompts check" => [_folder["list.txt"]],
        "model list" => [],
        "model get" => [$"file://{Weights}", "--out", _folder["got/"]],
        "model import" => [Weights, "--check"],
        "graph show" => ["small", "--size", "64x64"],
        "verify" => [Golden, "--device", "cpu"],
        "kernels verify" => ["--device", "cpu", "--kernel", "ema", "--seeds", "1", "--own-vectors"],
        "bench kernels" => ["--maps", _folder["maps"], "--runs", "1", "--threads", "1"],
        "bench data" => [TinyRun.Streets, "--preset", "small", "--samples", "2"],
        "bench refine" => ["--size", "96", "--masks", "3", "--runs", "1", "--threads", "1"],
        "bench language" => [TinyLlama.Write(_folder["llama"]), "--prompt", "1", "--tokens", "1", "--threads", "1"],
        "bench networks" => ["small", "--size", "64x64", "--runs", "1", "--threads", "1"],
        "reproduce list" => [],
        "reproduce show" => ["T4-a-rn50"],
        "reproduce run" => [TinyRow.Write(_folder["row.json"], 1), "--out", _folder["reproduction"], "--device", "cpu"],
        "reproduce summary" => ["--page", _folder["summary.html"]],
        "bench compare" => [_folder["bench.json"], _folder["bench.json"]],
        "report" => [Path.GetDirectoryName(TinyRun.Model)!, "--out", _folder["report.html"]],
        "doctor" or "config show" or "version" or "help" => [],
        _ => throw new ArgumentOutOfRangeException(nameof(verb), verb, "a verb without a line"),
    }];

    private string[] Long(string verb) => [.. verb.Split(' '), .. verb switch
    {
        "train" => TinyRun.Train(_folder["run"], 100_000)[1..],
        "evaluate" => [TinyRun.Model, "--data", "streets:source?count=20000&width=64&height=64", "--device", "cpu"],
        "segment" => [TinyRun.Model, .. Enumerable.Repeat(_folder["images/a.png"], 5000), "--out", _folder["labelled"], "--device", "cpu"],
        "generate" =>
        [
            "--model", _diffusion.Path, "--prompts", _folder["prompts.txt"], "--count", "100000", "--size", "16x16", "--steps", "2",
            "--out", _folder["generated"], "--device", "cpu",
        ],
        "data check" => (string[])["streets:source?count=20000&width=64&height=64"],
        "data show" => ["streets:source?count=20000&width=64&height=64", "--count", "20000", "--out", _folder["shown"]],
        "kernels verify" => ["--device", "cpu", "--seeds", "1000", "--own-vectors"],
        "bench kernels" => ["--quick", "--threads", "1", "--no-emulated"],
        "demo" => ["--out", _folder["demo"]],
        _ => throw new ArgumentOutOfRangeException(nameof(verb), verb, "a verb without a long line"),
    }];
}
