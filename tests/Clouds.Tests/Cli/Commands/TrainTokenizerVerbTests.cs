using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Language;
using Clouds.Native.Tokenizers;

namespace Clouds.Tests.Cli.Commands;

/// <summary>`clouds train tokenizer`.</summary>
[Kind(TestKind.Fast)]
public sealed class TrainTokenizerVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_TextsOrCaptionedImages_WritesAVocabularyThatLoads()
    {
        File.WriteAllText(_folder["texts.txt"], "a bus in fog\n\na bus in snow\n");
        foreach (string data in (string[])[_folder["texts.txt"], "world:wide?count=4&width=64&height=64"])
        {
            CommandLineRun run = CommandLineRun.Clouds("train", "tokenizer", "--data", data, "--out", _folder["vocabulary"], "--json");
            Assert.True(run.ExitCode == 0, run.Error);
            Assert.Equal(ClipTokenizer.Load(_folder["vocabulary"]).Count, (int)JsonNode.Parse(run.Out)!["tokens"]!);
        }
    }

    [Fact]
    public void Train_LlamasFormOnTalks_WritesATokenizerThatTalksToAModel()
    {
        CommandLineRun run = CommandLineRun.Clouds(
            "train", "tokenizer", "--form", "llama", "--data", "world:texts?count=4", "--out", _folder["words"], "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        ChatTokenizer tokenizer = ChatTokenizer.Load(_folder["words"]);
        Assert.Equal(tokenizer.Words.Count, (int)JsonNode.Parse(run.Out)!["tokens"]!);
        Assert.Equal(ChatFormat.Llama3, tokenizer.Format);
    }

    [Theory]
    [InlineData("--form", "gpt", Failure.Usage)]
    [InlineData("--tokens", "514", Failure.Usage)]
    [InlineData("--data", "streets:source?count=2", Failure.Usage)]
    [InlineData("--out", "/proc/vocabulary", Failure.Output)]
    public void Train_WhatCannotBe_EndsWithOneError(string option, string value, Failure failure)
    {
        File.WriteAllText(_folder["texts.txt"], "a bus in fog\na bus in snow\n");
        string[] line = ["train", "tokenizer", "--data", _folder["texts.txt"], "--out", _folder["vocabulary"], "--tokens", "600", "--form", "clip"];
        line = [.. line.Select((word, i) => i > 0 && line[i - 1] == option ? value : word)];
        Assert.Equal((int)failure, CommandLineRun.Clouds(line).ExitCode);
    }
}
