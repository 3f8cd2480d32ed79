using System.Globalization;
using Clouds.Cli.Commands;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Store;
using Clouds.Tests.Native.Generation.Store;

namespace Clouds.Tests.Cli.Commands;

/// <summary>`clouds generate --clip` with a painter of patterns and a CLIP of some thousand weights.</summary>
[Kind(TestKind.Fast)]
public sealed class GenerateClipTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _opened;

    public GenerateClipTests() => File.WriteAllLines(_folder["prompts.txt"], TinyStore.Prompts);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Generate_WithACLIP_ScoresMarksAndShows()
    {
        TinyClip.Write(_folder["clip"]);
        string[] line = ["--prompts", _folder["prompts.txt"], "--out", _folder["a"], "--device", "cpu"];
        CommandLineRun run = Generate([.. line, "--clip", _folder["clip"], "--clip-threshold", "1"]);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("3 marked, mean CLIP score ", run.Out, StringComparison.Ordinal);
        StoreScores scores = StoreScores.Read(_folder["a"])!;
        Assert.Equal(("clip", 1.0, 3), (scores.Model, scores.Least, scores.Images.Count));
        Assert.Equal(scores.Images.Select(image => new ImageMark(image.File, MarkReason.Prompt, image.Score)), StoreMarks.Read(_folder["a"]));
        string page = File.ReadAllText(_folder["a/index.html"]);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"(CLIP {scores.Images[1].Score:0.000})"), page, StringComparison.Ordinal);
        Assert.Contains("<b>prompt</b> 1: a photo of a bus", page, StringComparison.Ordinal);

        // Without the CLIP what it saw holds.
        Assert.Contains("0 painted now, 3 marked, mean CLIP score ", Generate(line).Out, StringComparison.Ordinal);
        Assert.Equal(3, StoreMarks.Read(_folder["a"]).Count);
    }

    [Fact]
    public void Generate_WithACLIP_HasItsWeightsInMemoryOnlyWhenThePainterIsGone()
    {
        TinyClip.Write(_folder["clip"]);
        bool Mapped() => File.ReadAllText("/proc/self/maps").Contains(_folder["clip"], StringComparison.Ordinal);
        List<bool> mapped = [];
        using PatternPainter painter = new()
        {
            Picture = request =>
            {
                mapped.Add(Mapped());
                return PatternPainter.Pattern($"{request.Seed}", 32, 32);
            },
            Closed = () => mapped.Add(Mapped()),
        };
        CommandLineRun run = CommandLineRun.Of([new GenerateVerb((_, _) => painter)],
            "generate", "--model", "m", "--prompts", _folder["prompts.txt"], "--out", _folder["a"], "--device", "cpu", "--clip", _folder["clip"]);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("mean CLIP score ", run.Out, StringComparison.Ordinal);
        Assert.Equal([false, false, false, false], mapped.Take(4));
    }

    [Fact]
    public void Generate_WithAFileThatIsNoCLIP_SaysSoBeforeItPaints()
    {
        File.WriteAllText(_folder["clip.safetensors"], "no weights");
        CommandLineRun run = Generate("--prompts", _folder["prompts.txt"], "--out", _folder["a"], "--clip", _folder["clip.safetensors"]);

        Assert.Equal((int)Failure.Weights, run.ExitCode);
        Assert.Contains("clip.safetensors", run.Error, StringComparison.Ordinal);
        Assert.Equal(0, _opened);
        Assert.False(File.Exists(_folder["a/store.json"]));
    }

    private CommandLineRun Generate(params string[] line) => CommandLineRun.Of([new GenerateVerb((_, _) =>
    {
        _opened++;
        return new PatternPainter();
    })], ["generate", "--model", "m", .. line]);
}
