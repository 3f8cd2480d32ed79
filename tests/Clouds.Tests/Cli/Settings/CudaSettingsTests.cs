using System.Text.Json;
using Clouds.Cli.Settings;
using Clouds.Diagnostics;
using Clouds.Native.Segmentation;
using Clouds.Runtime.Devices;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Cli.Settings;

[Kind(TestKind.Fast)]
public sealed class CudaSettingsTests
{
    [Fact]
    public void ConfigShow_CudaSettings_ShowsEachWithTheSourceOfItsDefault()
    {
        CommandLineRun run = CommandLineRun.Clouds("config", "show", "--json", "--set", "execution.cuda.memoryLimit=7.5");
        JsonElement[] leaves = [.. JsonDocument.Parse(run.Out).RootElement.EnumerateArray()
            .Where(leaf => leaf.GetProperty("key").GetString()!.StartsWith("execution.cuda.", StringComparison.Ordinal))];
        Assert.Equal(
            ["precision=tf32", "convolutionSearch=heuristic", "memoryLimit=7.5", "deterministic=True", "arenaGrowth=nextPowerOfTwo"],
            leaves.Select(leaf => $"{leaf.GetProperty("key").GetString()!["execution.cuda.".Length..]}={leaf.GetProperty("value")}"));
        Assert.All(leaves, leaf => Assert.Contains("ONNX Runtime, ", leaf.GetProperty("source").GetString()));
        Assert.Equal("GiB", leaves[2].GetProperty("unit").GetString());
    }

    [Theory]
    [InlineData("precision=bf16", "fp32, tf32")]
    [InlineData("precision=tf23", "did you mean 'tf32'?")]
    [InlineData("convolutionSearch=exhaustiv", "did you mean 'exhaustive'?")]
    [InlineData("memoryLimit=-1", "0 to 1048576 GiB")]
    [InlineData("memoryLimit=all", "a finite number")]
    [InlineData("arenaGrowth=kNextPowerOfTwo", "did you mean 'nextPowerOfTwo'?")]
    public void Load_WhatTheProviderCannotDo_IsRefusedWithWhatItCan(string setting, string expected)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => SettingsReader.Load<CloudsSettings>(null, [$"execution.cuda.{setting}"]));
        Assert.Equal(Failure.Usage, failure.Failure);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_HelpPage_SaysThatTf32IsOff()
        => Assert.Contains("TF32 is off", CommandLineRun.Clouds("verify", "--help").Out.ReplaceLineEndings(" ").Replace("  ", " "), StringComparison.Ordinal);

    [Fact]
    public void OptionsOfEmbedders_Defaults_AreThoseOfTheVerbs()
        => Assert.Equal(new CudaSettings(), new CudaOptions().Settings);

    [Fact]
    public void OptionsOfEmbedders_Changed_ChangeTheSameSettings()
    {
        CudaOptions options = new() { Tf32 = false, ConvolutionSearch = CudaSearch.Exhaustive, MemoryLimit = 2, Deterministic = false, GrowAsRequested = true };
        CudaSettings expected = new()
        {
            Precision = CudaPrecision.Fp32,
            ConvolutionSearch = ConvolutionSearch.Exhaustive,
            MemoryLimit = 2,
            Deterministic = false,
            ArenaGrowth = ArenaGrowth.SameAsRequested,
        };
        Assert.Equal(expected, options.Settings);
        Assert.Equal(Enum.GetNames<ConvolutionSearch>(), Enum.GetNames<CudaSearch>());
    }
}
