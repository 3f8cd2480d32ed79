using System.Text.Json;
using Clouds.Models.Encoders;

namespace Clouds.Tests.Cli.Commands;

[Kind(TestKind.Fast)]
public sealed class GraphShowVerbTests
{
    public static TheoryData<string> Networks => [.. EncoderConfig.Published.Keys, "paper", "small"];

    [Theory]
    [MemberData(nameof(Networks))]
    public void GraphShow_AnyNetwork_EndsWithItsSums(string network)
    {
        CommandLineRun run = CommandLineRun.Clouds("graph", "show", network, "--size", "64x96");
        Assert.Equal(0, run.ExitCode);
        Assert.Matches($@"{network}: [\d,]+ parameters, [\d.]+ billion multiply-adds, weights [\d,]+ MB, activations [\d,]+ MB at most\s*$", run.Out);
    }

    /// <summary>Torchvision's model pages: 4.089, 7.801 and 34.361 billion at 224 x 224, classifier heads included (at most 2 million).</summary>
    [Theory]
    [InlineData("in_rn50", 4.089)]
    [InlineData("in_rn101", 7.801)]
    [InlineData("convnext_l", 34.361)]
    public void GraphShow_PublishedNetwork_CountsTheWorkThatItsPublisherNames(string network, double billions)
    {
        CommandLineRun run = CommandLineRun.Clouds("graph", "show", network, "--size", "224x224", "--json");
        double work = JsonElement.Parse(run.Out).GetProperty("blocks").EnumerateArray().Sum(block => block.GetProperty("multiplyAdds").GetDouble());
        Assert.InRange(work / 1e9, billions - 0.005, billions);
    }

    [Fact]
    public void GraphShow_Json_IsOneDocument()
    {
        CommandLineRun run = CommandLineRun.Clouds("graph", "show", "small", "--size", "64x64", "--json");
        JsonElement document = JsonElement.Parse(run.Out);
        Assert.Equal(2_292_116, document.GetProperty("blocks").EnumerateArray().Sum(block => block.GetProperty("parameters").GetInt64()));
    }

    [Theory]
    [InlineData("papr", "768x768", "did you mean 'paper'?")]
    [InlineData("small", "30x40", "multiples of 32")]
    [InlineData("small", "768", "WIDTHxHEIGHT")]
    public void GraphShow_WhatIsNotThere_IsExplained(string network, string size, string said)
    {
        CommandLineRun run = CommandLineRun.Clouds("graph", "show", network, "--size", size);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(said, run.Error);
    }
}
