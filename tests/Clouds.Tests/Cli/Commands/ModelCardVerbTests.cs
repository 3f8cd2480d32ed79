using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class ModelCardVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Card_OfAFile_IsATableOfWhatItSays()
    {
        CommandLineRun run = CommandLineRun.Clouds("model", "card", Write());
        Assert.Equal(0, run.ExitCode);
        string[] texts = ["format", "safetensors", "licence", "MIT", "1 with 3 parameters", "F32"];
        Assert.All(texts, text => Assert.Contains(text, run.Out, StringComparison.Ordinal));
        Assert.DoesNotContain("sha256", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Card_WithTensorsAsJson_ListsNameTypeShapeDigestAndSum()
    {
        CommandLineRun run = CommandLineRun.Clouds("model", "card", Write(), "--tensors", "--json");
        Assert.Equal(0, run.ExitCode);
        JsonElement card = JsonElement.Parse(run.Out);
        JsonElement tensor = Assert.Single(card.GetProperty("tensors").EnumerateArray());
        Assert.Equal("a.w", tensor.GetProperty("name").GetString());
        Assert.Equal("F32", tensor.GetProperty("dtype").GetString());
        Assert.Equal("[3]", tensor.GetProperty("shape").GetRawText().Replace(" ", "", StringComparison.Ordinal).ReplaceLineEndings(""));
        Assert.Equal("NaN", tensor.GetProperty("sum").GetString());
        Assert.Equal(64, tensor.GetProperty("sha256").GetString()!.Length);
        Assert.Equal("safetensors", card.GetProperty("format").GetString());
    }

    [Fact]
    public void Card_OfAFileThatIsNone_FailsAsWeights()
    {
        File.WriteAllText(_folder["page.pth"], "<!DOCTYPE html>");
        CommandLineRun run = CommandLineRun.Clouds("model", "card", _folder["page.pth"]);
        Assert.Equal((int)Failure.Weights, run.ExitCode);
        Assert.Contains("a web page", run.Error, StringComparison.Ordinal);
    }

    private string Write()
    {
        Dictionary<string, string> metadata = new() { ["license"] = "MIT" };
        using SafetensorsWriter writer = new(_folder["w.safetensors"], [new("a.w", WeightType.F32, [3])], metadata);
        writer.Write("a.w", [1f, float.NaN, 2f]);
        writer.Commit();
        return _folder["w.safetensors"];
    }
}
