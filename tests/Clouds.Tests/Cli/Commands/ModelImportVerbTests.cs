using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Native.Generation.Language;
using Clouds.Tests.Native.Catalogue;
using Clouds.Tests.Native.Generation.Language;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class ModelImportVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SmallManifest _small = new();

    private string WeightPath => _folder["weights.bin"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Import_OfAKnownModel_ReportsAndWritesBesideIt()
    {
        _small.Write(WeightPath);
        CommandLineRun run = Import(WeightPath);
        Assert.Equal(0, run.ExitCode);
        string[] texts = ["small: A small model", "encoder = in_rn50", "MIT", "9 F32, 1 I64", "10 matched, 0 missing", "nobody has published a digest"];
        Assert.All(texts, text => Assert.Contains(text, run.Out, StringComparison.Ordinal));
        using WeightSource written = WeightSource.Open(_folder["small.safetensors"]);
        Assert.Equal(10, written.Tensors.Count);
    }

    [Theory]
    [InlineData("int4")]
    [InlineData("int8", "--asymmetric")]
    public void Import_ToFewBits_WritesOneFileOfALanguageModel(params string[] form)
    {
        string folder = TinyLlama.Write(_folder["llama"]);
        CommandLineRun run = Import([folder, "--quantize", .. form]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"a language model in {form[0]}", run.Out, StringComparison.Ordinal);
        using LanguageModel model = LanguageModel.Load(_folder[$"llama.{form[0]}.safetensors"]);
        Assert.Equal(form[0], model.Facts.Precision);
        Assert.Equal((int)Failure.Usage, Import([folder, "--quantize", .. form]).ExitCode);
    }

    [Theory]
    [InlineData("--quantize", "int3")]
    [InlineData("--asymmetric")]
    [InlineData("--quantize", "int4", "--check")]
    [InlineData("--quantize", "int4", "--classes", "classes.txt")]
    [InlineData("--quantize", "int4", "--as", "clip_rn50")]
    public void Import_ToFewBitsWithOtherOptions_IsRefused(params string[] options) =>
        Assert.Equal((int)Failure.Usage, Import([TinyLlama.Write(_folder["llama"]), .. options]).ExitCode);

    [Theory]
    [InlineData("-o")]
    [InlineData("--out")]
    public void Import_WithAnOutput_WritesThere(string option)
    {
        _small.Write(WeightPath);
        Assert.Equal(0, Import(WeightPath, option, _folder["sub/m.safetensors"]).ExitCode);
        Assert.True(File.Exists(_folder["sub/m.safetensors"]));
        Assert.False(File.Exists(_folder["small.safetensors"]));
    }

    [Fact]
    public void Import_ToCheck_WritesNothing()
    {
        _small.Write(WeightPath);
        CommandLineRun run = Import(WeightPath, "--check");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("nothing", run.Out, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["small.safetensors"]));
    }

    [Fact]
    public void Import_OfWhatDoesNotFit_ReportsFirstAndFailsAsWeights()
    {
        _small.Write(WeightPath, tensors => tensors.Where(tensor => tensor.Name != "bn1.bias"));
        CommandLineRun run = Import(WeightPath);
        Assert.Equal((int)Failure.Weights, run.ExitCode);
        Assert.Contains("9 matched, 1 missing", run.Out, StringComparison.Ordinal);
        Assert.Contains("bn1.bias", run.Out, StringComparison.Ordinal);
        Assert.Contains("not small as it was published", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["small.safetensors"]));
    }

    [Fact]
    public void Import_AsJson_IsOneObject()
    {
        _small.Write(WeightPath, value: float.NaN);
        CommandLineRun run = Import(WeightPath, "--json");
        Assert.Equal((int)Failure.Numeric, run.ExitCode);
        JsonElement report = JsonElement.Parse(run.Out);
        Assert.Equal("small", report.GetProperty("model").GetString());
        Assert.Equal(9, report.GetProperty("notFinite").GetInt32());
        Assert.Equal("notFinite", report.GetProperty("faults")[0].GetProperty("kind").GetString());
        Assert.Equal(JsonValueKind.Null, report.GetProperty("output").ValueKind);
        Assert.Equal(64, report.GetProperty("files")[0].GetProperty("sha256").GetString()!.Length);
    }

    [Fact]
    public void Import_OntoAFile_WantsOverwrite()
    {
        _small.Write(WeightPath);
        File.WriteAllText(_folder["small.safetensors"], "precious");
        Assert.Equal((int)Failure.Usage, Import(WeightPath).ExitCode);
        Assert.Equal("precious", File.ReadAllText(_folder["small.safetensors"]));
        Assert.Equal(0, Import(WeightPath, "--overwrite").ExitCode);
    }

    [Theory]
    [InlineData("model.pth")]
    [InlineData("model")]
    public void Import_ToAnotherEnding_IsRefused(string name)
    {
        _small.Write(WeightPath);
        CommandLineRun run = Import(WeightPath, "--out", _folder[name]);
        Assert.Equal((int)Failure.Usage, run.ExitCode);
        Assert.Contains(".safetensors", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_OfTwoTwins_AsksWhich()
    {
        _small.Write(WeightPath);
        _small.Save(Directory.CreateDirectory(_folder["manifests"]).FullName);
        _small.With("name", "twin");
        CommandLineRun run = Import(WeightPath);
        Assert.Equal((int)Failure.Usage, run.ExitCode);
        Assert.Contains("small or twin", run.Error, StringComparison.Ordinal);
        Assert.Equal(0, Import(WeightPath, "--as", "twin").ExitCode);
        Assert.True(File.Exists(_folder["twin.safetensors"]));
    }

    [Fact]
    public void Import_OptionWithoutValue_NamesIt()
    {
        CommandLineRun run = Import(WeightPath, "-o");
        Assert.Equal((int)Failure.Usage, run.ExitCode);
        Assert.Contains("-o, --out FILE", run.Error, StringComparison.Ordinal);
    }

    private CommandLineRun Import(params string[] arguments)
    {
        string manifests = Directory.CreateDirectory(_folder["manifests"]).FullName;
        _small.Save(manifests);
        return CommandLineRun.Clouds(["model", "import", "--catalogue", manifests, .. arguments]);
    }
}
