using System.Diagnostics;
using Clouds.Cli.Commands;
using Clouds.Diagnostics;

namespace Clouds.Tests.Cli.Commands;

/// <summary>Verbs that do not share their work, started several times at once: as a rank of mpirun's, whose variables are all that they look at.</summary>
[Kind(TestKind.Fast)]
public sealed class OneProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Verbs_ThatWriteOneResultOfTheirOwn_AreForOneProcess()
    {
        string[] shared = ["train", "evaluate", "segment", "refine", "generate"], alone = ["train clip", "train sam", "train vae", "train diffusion",
            "train llm", "train tokenizer", "prompts", "model import", "model export", "model average", "data init", "reproduce run"];
        Assert.All(VerbList.All.Where(verb => shared.Contains(verb.Name)), verb => Assert.False(verb.IsForOneProcess, verb.Name));
        Assert.All(VerbList.All.Where(verb => alone.Contains(verb.Name)), verb => Assert.True(verb.IsForOneProcess, verb.Name));
    }

    [Theory]
    [InlineData("train", "llm", "--data", "texts", "--out", "OUT")]
    [InlineData("prompts", "--template", "--out", "OUT")]
    [InlineData("train", "--data", "streets:source", "--out", "OUT", "--prove-resume", "1")]
    public void Verb_StartedAsOneOfThreeRanks_IsRefusedAndWritesNothing(params string[] line)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "clouds"), line.Select(word => word == "OUT" ? _folder["out"] : word))
        {
            RedirectStandardError = true,
            Environment = { ["OMPI_COMM_WORLD_SIZE"] = "3", ["OMPI_COMM_WORLD_RANK"] = "1" },
        };
        using Process process = Process.Start(start)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();

        Assert.True(process.ExitCode == (int)Failure.Usage, error);
        Assert.Contains("3 processes that mpirun has started", error, StringComparison.Ordinal);
        Assert.False(Path.Exists(_folder["out"]));
    }
}
