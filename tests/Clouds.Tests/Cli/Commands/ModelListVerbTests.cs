using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Native.Catalogue;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class ModelListVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void List_IsATableOfEveryModelAndWhereItIs()
    {
        File.WriteAllText(_folder["RN50.pt"], "x");
        File.WriteAllText(_folder["mit_b5/mit_b5.pth"], "x");
        CommandLineRun run = CommandLineRun.Clouds("model", "list", "--in", _folder.Path);
        Assert.Equal(0, run.ExitCode);
        Assert.All(ModelCatalogue.BuiltIn.Entries, entry => Assert.Contains(entry.Name, run.Out, StringComparison.Ordinal));
        Assert.Contains(_folder["RN50.pt"], run.Out, StringComparison.Ordinal);
        Assert.Contains(_folder["mit_b5/mit_b5.pth"], run.Out, StringComparison.Ordinal);
        Assert.Contains("none published", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void List_OfOneModel_TellsFilesDigestsAndLicence()
    {
        CommandLineRun run = CommandLineRun.Clouds("model", "list", "clip_rn50");
        string[] texts = ["openaipublic.azureedge.net", "afeb0e10f9e5a86da6080e35cf09123aca3b358a0c3e3b6c78a7b63bc04b6762", "MIT", "encoder = clip_rn50"];
        Assert.All(texts, text => Assert.Contains(text, run.Out, StringComparison.Ordinal));
    }

    [Fact]
    public void List_AsJson_IsOneObject()
    {
        CommandLineRun run = CommandLineRun.Clouds("model", "list", "--json");
        JsonElement model = JsonElement.Parse(run.Out).GetProperty("models").EnumerateArray()
            .Single(model => model.GetProperty("name").GetString() == "mit_b5");
        Assert.Equal(JsonValueKind.Null, model.GetProperty("files")[0].GetProperty("sha256").ValueKind);
        Assert.Equal(1054, model.GetProperty("tensors").GetInt32());
    }

    [Fact]
    public void List_OfAModelThatNobodyKnows_NamesTheNearest()
    {
        CommandLineRun run = CommandLineRun.Clouds("model", "list", "mitb5");
        Assert.Equal((int)Failure.Usage, run.ExitCode);
        Assert.Contains("'mit_b5'", run.Error, StringComparison.Ordinal);
    }
}
