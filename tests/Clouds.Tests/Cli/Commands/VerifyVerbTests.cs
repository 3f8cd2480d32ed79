using System.Text.Json;
using Clouds.Cli.Commands;
using Clouds.Tests.Graph.Weights;
using Clouds.Tests.Verification.Golden;
using Clouds.Tests.Verification.Kernels;
using Clouds.Verification.Golden;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class VerifyVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("doubler")]
    [InlineData("doubler/a")]
    public void Verify_RightOutputs_PassFromAnyDepth(string below)
    {
        GoldenFixture.WriteDoubler(_folder.Path, "a");
        CommandLineRun run = Verify(_folder[below]);
        Assert.Equal(0, run.ExitCode);
        Assert.EndsWith("1 passed, 0 failed", run.Out.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_MutatedTensor_FailsAndNamesTheElement()
    {
        GoldenFixture.WriteDoubler(_folder.Path, "a");
        GoldenFixture.WriteDoubler(_folder.Path, "b", error: 0.05f);
        CommandLineRun run = Verify(_folder.Path);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("FAIL", run.Out, StringComparison.Ordinal);
        Assert.Contains("at [2]: 6, expected 6.05", run.Out, StringComparison.Ordinal);
        Assert.EndsWith("1 passed, 1 failed", run.Out.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_CaseFilter_RunsOnlyWhatMatches()
    {
        GoldenFixture.WriteDoubler(_folder.Path, "good");
        GoldenFixture.WriteDoubler(_folder.Path, "bad", error: 1);
        Assert.Equal(0, Verify(_folder.Path, "--case", "go*").ExitCode);
        Assert.Equal(1, Verify(_folder.Path, "--case", "b?d", "--module", "doubler").ExitCode);
    }

    [Fact]
    public void Verify_WithAFileOfWeights_RunsTheCasesThatHaveIt()
    {
        GoldenFixture.WriteDoubler(_folder.Path, "with");
        GoldenFixture.WriteDoubler(_folder.Path, "without", error: 1);
        File.WriteAllBytes(_folder["doubler/with/weights.pth"], [1]);
        CommandLineRun run = Verify(_folder.Path, "--weights", "weights.pth");
        Assert.Equal(0, run.ExitCode);
        Assert.EndsWith("1 passed, 0 failed", run.Out.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(1, Verify(_folder.Path, "--weights", "none.pth").ExitCode);
    }

    [Fact]
    public void Verify_NothingMatched_FailsAndSuggests()
    {
        GoldenFixture.WriteDoubler(_folder.Path, "a");
        CommandLineRun run = Verify(_folder.Path, "--module", "dubler");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("did you mean 'doubler'?", run.Error, StringComparison.Ordinal);
        Assert.EndsWith("0 passed, 0 failed", run.Out.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(1, Verify(_folder.Path, "--case", "zzz").ExitCode);
    }

    [Fact]
    public void Verify_EmptyFolder_Fails() => Assert.Equal(1, Verify(_folder.Path).ExitCode);

    [Fact]
    public void Verify_MissingFolder_IsBadInput() => Assert.Equal(3, Verify(_folder["none"]).ExitCode);

    [Fact]
    public void Verify_UnknownModule_FailsWithoutHidingTheOthers()
    {
        GoldenFixture.WriteDoubler(_folder.Path, "a");
        GoldenFixture.Write(_folder.Path, "tripler", "a", new { module = "tripler", @case = "a" }, new Dictionary<string, GoldenTensor>());
        CommandLineRun run = Verify(_folder.Path);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("'tripler' is not supported", run.Out, StringComparison.Ordinal);
        Assert.EndsWith("1 passed, 1 failed", run.Out.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_UnsupportedCase_FailsWithTheReason()
    {
        GoldenFixture.Write(_folder.Path, "doubler", "a", new { module = "doubler", config = new { factor = 3 } }, new Dictionary<string, GoldenTensor>());
        CommandLineRun run = Verify(_folder.Path);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("the factor is not 2", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ not json", "the golden case is not valid JSON")]
    [InlineData("[]", "one JSON object")]
    [InlineData("""{"module": "doubler", "config": {"factor": 2, "factor": 3}}""", "a key stands twice")]
    [InlineData("""{"module": "doubler", "config": {}}""", "factor")]
    [InlineData("""{"module": "doubler", "config": {"factor": 2}, "io_outputs": []}""", "expects no output")]
    [InlineData("""{"module": "doubler", "config": {"factor": 2}, "io_outputs": ["z"]}""", "a tensor is missing")]
    [InlineData("""{"module": "doubler", "config": {"factor": 2}, "io_outputs": ["y"], "tolerances": {"y": {}}}""", "atol and rtol")]
    public void Verify_DamagedCase_FailsWithTheReason(string json, string reason)
    {
        GoldenFixture.WriteDoubler(_folder.Path, "a");
        File.WriteAllText(_folder["doubler/a/case.json"], json);
        CommandLineRun run = Verify(_folder.Path);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(reason, run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_MissingTensorFile_Fails()
    {
        GoldenFixture.WriteDoubler(_folder.Path, "a");
        File.Delete(_folder["doubler/a/io.safetensors"]);
        Assert.Equal(1, Verify(_folder.Path).ExitCode);
    }

    [Fact]
    public void Verify_Json_IsOneObject()
    {
        GoldenFixture.WriteDoubler(_folder.Path, "a", error: 1);
        CommandLineRun run = Verify(_folder.Path, "--json");
        using JsonDocument json = JsonDocument.Parse(run.Out);
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(1, json.RootElement.GetProperty("failed").GetInt32());
        Assert.Equal("y", json.RootElement.GetProperty("cases")[0].GetProperty("tensors")[0].GetProperty("tensor").GetString());
    }

    private static CommandLineRun Verify(string folder, params string[] options) =>
        CommandLineRun.Of([new VerifyVerb([new GoldenFixture.Doubler()], TestToolchain.Emulate)], ["verify", folder, .. options]);
}
