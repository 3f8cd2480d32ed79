using System.Diagnostics;
using System.Text.Json;
using Clouds.Native.Images;
using Clouds.Tests.Models.Portable;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class ModelExportVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Export_ThenSegment_LabelsAsTheModel()
    {
        string model = SmallNetworks.WriteModel(_folder["model.safetensors"], SmallNetworks.Segmenters["convnext"]);
        CommandLineRun run = CommandLineRun.Clouds("model", "export", model, "--out", _folder["model.onnx"], "--set", "execution.threads=1");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("mask_logits", run.Out, StringComparison.Ordinal);
        Assert.Contains("image [3, 3, 96, 64]", run.Out, StringComparison.Ordinal);
        ImageFile.WritePng(_folder["street.png"], new RgbImage(90, 70));
        Assert.Equal(0, CommandLineRun.Clouds("segment", model, _folder["street.png"], "--out", _folder["own"], "--device", "cpu").ExitCode);
        Assert.Equal(0, CommandLineRun.Clouds("segment", _folder["model.onnx"], _folder["street.png"], "--out", _folder["theirs"], "--device", "cpu").ExitCode);
        Assert.Equal(File.ReadAllBytes(_folder["own/street.labels.png"]), File.ReadAllBytes(_folder["theirs/street.labels.png"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("--external-data")]
    public void Export_DiskThatIsFull_LeavesWhatStoodThere(string beside)
    {
        string model = SmallNetworks.WriteModel(_folder["model.safetensors"], SmallNetworks.Segmenters["convnext"]);
        File.WriteAllText(_folder["out/model.onnx"], "old");
        ProcessStartInfo shell = new("bash", ["-c", $"""ulimit -f 100; exec "$0" model export "$1" --out "$2" {beside}""",
            Path.Combine(AppContext.BaseDirectory, "clouds"), model, _folder["out/model.onnx"]])
        {
            RedirectStandardError = true,
            Environment = { ["DOTNET_EnableWriteXorExecute"] = "0" },
        };
        using Process process = Process.Start(shell)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 5, error);
        Assert.Equal("old", File.ReadAllText(Assert.Single(Directory.GetFiles(_folder["out"]))));
    }

    [Fact]
    public void Export_Json_IsOneLineWithEveryDifference()
    {
        string model = SmallNetworks.WriteModel(_folder["model.safetensors"], SmallNetworks.Segmenters["resnet"]);
        CommandLineRun run = CommandLineRun.Clouds(
            "model", "export", model, "--out", _folder["m.onnx"], "--network", "encoder", "--size", "96x64", "--batch", "2", "--precision", "fp16", "--json");
        JsonElement report = JsonDocument.Parse(run.Out).RootElement;
        Assert.Equal(4, report.GetProperty("differences").GetArrayLength());
        Assert.Equal("image [2, 3, 64, 96]", report.GetProperty("differences")[0].GetProperty("inputs").GetString());
    }

    [Theory]
    [InlineData("--size", "64", "WIDTHxHEIGHT")]
    [InlineData("--size", "64x100", "--size")]
    [InlineData("--batch", "many", "dynamic")]
    [InlineData("--precision", "int8", "fp16")]
    [InlineData("--opset", "9", "--opset")]
    [InlineData("--network", "encoders", "did you mean 'encoder'?")]
    public void Export_ValueThatIsNone_NamesTheOption(string option, string value, string told)
    {
        string model = SmallNetworks.WriteModel(_folder["model.safetensors"], SmallNetworks.Segmenters["convnext"]);
        CommandLineRun run = CommandLineRun.Clouds("model", "export", model, "--out", _folder["model.onnx"], option, value);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(told, run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["model.onnx"]));
    }

    [Theory]
    [InlineData("convnext text")]
    [InlineData("clip_resnet ensemble")]
    public void GraphShow_OfAnExportedFile_ListsTheModelsBlocks(string name)
    {
        string model = SmallNetworks.WriteModel(_folder["model.safetensors"], SmallNetworks.Segmenters[name]);
        Assert.Equal(0, CommandLineRun.Clouds("model", "export", model, "--out", _folder["model.onnx"], "--precision", "fp16", "--tolerance", "1").ExitCode);
        string own = CommandLineRun.Clouds("graph", "show", model, "--size", "64x64", "--json").Out;
        string theirs = CommandLineRun.Clouds("graph", "show", _folder["model.onnx"], "--size", "64x64", "--json").Out;
        Assert.Equal(Blocks(own), Blocks(theirs));
        Assert.Contains("class_embed", own, StringComparison.Ordinal);
    }

    private static string Blocks(string json) => JsonDocument.Parse(json).RootElement.GetProperty("blocks").GetRawText();
}
