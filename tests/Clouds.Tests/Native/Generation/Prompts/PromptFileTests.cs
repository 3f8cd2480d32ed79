using System.Text;
using Clouds.Diagnostics;
using Clouds.Native.Generation.Prompts;

namespace Clouds.Tests.Native.Generation.Prompts;

[Kind(TestKind.Fast)]
public sealed class PromptFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_PlainText_IsAPromptALineWithItsOrigin()
    {
        IReadOnlyList<Prompt> prompts = Read("\uFEFFa photo of a car in rain\r\n\r\n  a picture of a skateboard, at dusk.\t\n");
        Assert.Equal(["a photo of a car in rain", "a picture of a skateboard, at dusk."], prompts.Select(prompt => prompt.Text));
        Assert.Equal([0, 2], prompts.Select(prompt => prompt.Origin.Index));
        Assert.All(prompts, prompt => Assert.Equal((PromptSource.Text, "list.txt"), (prompt.Origin.Source, prompt.Origin.Name)));
        Assert.Equal(64, prompts[0].Origin.Digest!.Length);
    }

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        Prompt written = new()
        {
            Text = "a photo of a \"car\" in Zürich 🌧",
            Classes = ["car", "road"],
            Context = "Zürich 🌧",
            Faults = [PromptFault.Length, PromptFault.Twice],
            Origin = new PromptOrigin(PromptSource.Model) { Name = "llama", Digest = "ab", Seed = -7, Attempt = 2, Index = 31 },
        };
        PromptFile.Write(_folder["a/prompts.jsonl"], [written]);
        Prompt read = Assert.Single(PromptFile.Read(_folder["a/prompts.jsonl"]));
        Assert.Equal(written.Origin, read.Origin);
        Assert.Equal((written.Text, written.Context), (read.Text, read.Context));
        Assert.Equal(written.Classes, read.Classes);
        Assert.Equal(written.Faults, read.Faults);
        Assert.Equal(PromptFile.Line(written), PromptFile.Line(read));
    }

    [Fact]
    public void Write_NameEndsInTxt_HasTheWordsAlone()
    {
        PromptFile.Write(_folder["list.TXT"], Read("""{"prompt":"a photo of a car in fog","seed":3,"source":"template"}"""));
        Assert.Equal("a photo of a car in fog\n", File.ReadAllText(_folder["list.TXT"]));
    }

    [Fact]
    public void Read_ObjectsOfSomebodyElse_TakesTheirPromptsAsText()
    {
        Prompt prompt = Assert.Single(Read("""{"style":"photo","prompt":"a photo of a car in fog"}"""));
        Assert.Equal(PromptSource.Text, prompt.Origin.Source);
        Assert.Empty(prompt.Classes);
    }

    [Fact]
    public void Read_Stream_IsWhatStandardInputBrings()
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes("one\ntwo"));
        Assert.Equal(["one", "two"], PromptFile.Read(stream, "standard input").Select(prompt => prompt.ToString()));
    }

    [Theory]
    [InlineData("\n \t \n", "there is no prompt")]
    [InlineData("a photo\u0000", "line 1")]
    [InlineData("""{"prompt":"a"}""" + "\n" + """{"prompt":""", "line 2")]
    [InlineData("""{"text":"a"}""", "prompt")]
    [InlineData("""{"prompt":"  "}""", "prompt")]
    [InlineData("""{"prompt":"a\nb"}""", "prompt")]
    [InlineData("""{"prompt":"a","source":"oracle"}""", "source")]
    [InlineData("""{"prompt":"a","source":"model","attempt":0}""", "attempt")]
    [InlineData("""["a","b"]""", "one JSON value")]
    [InlineData("[\n\"a\"\n]", "one JSON value")]
    public void Read_NoListOfPrompts_IsToldWhere(string text, string said)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => Read(text));
        Assert.Equal(Failure.BadInput, failure.Failure);
        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
        Assert.Contains("list.txt", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoUtf8OrNoFile_IsRefused()
    {
        File.WriteAllBytes(_folder["image.txt"], [0x89, (byte)'P', 0xFF, 0xFE]);
        Assert.Contains("UTF-8", Assert.Throws<CloudsException>(() => PromptFile.Read(_folder["image.txt"])).Message, StringComparison.Ordinal);
        Assert.Equal(Failure.BadInput, Assert.Throws<CloudsException>(() => PromptFile.Read(_folder["none.txt"])).Failure);
    }

    private IReadOnlyList<Prompt> Read(string text)
    {
        File.WriteAllText(_folder["list.txt"], text);
        return PromptFile.Read(_folder["list.txt"]);
    }
}
