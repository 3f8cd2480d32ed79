using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.Llama;
using Clouds.Native.Generation.Language;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Tests.Native.Generation.Language;

/// <summary>Language models whose matrices were put into few bits: how far their scores lie from those of the numbers, and what the file holds.</summary>
[Kind(TestKind.Fast)]
public sealed class LanguageModelImportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Measured, the larger of both cases: 0.016 and 0.014 in 8 bits, 0.141 in 4. Random weights, which have no redundancy, are the hardest.
    [Theory]
    [InlineData("int8", false, 0.025)]
    [InlineData("int8", true, 0.025)]
    [InlineData("int4", false, 0.2)]
    [InlineData("int4", true, 0.2)]
    public void Write_GoldenNetwork_KeepsItsScoresNearTheNumbers(string form, bool asymmetric, double most)
    {
        foreach (string name in (string[])["llama2_gqa", "low_variance"])
        {
            string folder = TinyLlama.WriteGolden(_folder[name], name), file = _folder[$"{name}.safetensors"];
            LanguageModelImport.Write(folder, file, form, asymmetric);
            (double few, double numbers) = (Distance(Scores(file), Scores(folder)), Distance(Scores(folder), new float[Scores(folder).Length]));
            Assert.InRange(few / numbers, 1e-4, most);
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Write_AnyModel_IsAFileThatAnswersAlone(bool asymmetric, bool tied)
    {
        string folder = TinyLlama.Write(_folder["llama"], WeightType.BF16, shards: 2, TinyLlama.Config with { TiedEmbeddings = tied });
        LanguageModelImport.Write(folder, _folder["few.safetensors"], "int4", asymmetric);
        Directory.Delete(folder, recursive: true);
        using LanguageModel model = LanguageModel.Load(_folder["few.safetensors"], new LanguageModelOptions { Format = ChatFormat.Plain });
        Assert.Equal("int4", model.Facts.Precision);
        Assert.Equal("few.safetensors", Assert.Single(model.Facts.Files).Name);
        Assert.Equal(20, model.Answer([new(ChatRole.User, "HELLO")], new AnswerOptions { Temperature = 0, MaximumTokens = 20 }, seed: 1).Length);
    }

    [Fact]
    public void Answer_InFewBits_IsTheSameOnAnyNumberOfThreads()
    {
        LanguageModelImport.Write(TinyLlama.Write(_folder["llama"]), _folder["few.safetensors"], "int4");
        string[] answers = [.. new[] { 1, 2, 3 }.Select(threads =>
        {
            using LanguageModel model = LanguageModel.Load(
                _folder["few.safetensors"], new LanguageModelOptions { Format = ChatFormat.Plain, Threads = threads });
            return model.Answer([new(ChatRole.User, "HELLO")], new AnswerOptions { Temperature = 2, TopK = 0, MaximumTokens = 60 }, seed: 3);
        })];
        Assert.Single(answers.Distinct());
    }

    [Fact]
    public void Write_WhatCannotBe_LeavesNoFile()
    {
        string folder = TinyLlama.Write(_folder["llama"]), file = _folder["few.safetensors"];
        Assert.Equal(Failure.Usage, Assert.Throws<CloudsException>(() => LanguageModelImport.Write(folder, file, "int3")).Failure);
        Assert.ThrowsAny<OperationCanceledException>(() => LanguageModelImport.Write(folder, file, "int4", stop: new CancellationToken(canceled: true)));
        TinyLlama.Write(folder, config: TinyLlama.Config with { Layers = 1 }, change: config => config["num_hidden_layers"] = 2);
        Assert.Equal(Failure.Weights, Assert.Throws<CloudsException>(() => LanguageModelImport.Write(folder, file, "int4")).Failure);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Write_TableBeyondHalfPrecision_IsRefused()
    {
        string folder = TinyLlama.Write(_folder["llama"], scale: 1e7f);
        CloudsException e = Assert.Throws<CloudsException>(() => LanguageModelImport.Write(folder, _folder["few.safetensors"], "int4"));
        Assert.Equal(Failure.Numeric, e.Failure);
        Assert.Contains("model.embed_tokens.weight", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_OfAnImportedFile_IsRefused()
    {
        LanguageModelImport.Write(TinyLlama.Write(_folder["llama"]), _folder["few.safetensors"], "int8");
        CloudsException e = Assert.Throws<CloudsException>(() => LanguageModelImport.Write(_folder["few.safetensors"], _folder["fewer.safetensors"], "int4"));
        Assert.Equal(Failure.Usage, e.Failure);
    }

    // Codes of a block, by hand: the largest number becomes the lowest code without zeros, and the ends of the range have the end codes with them.
    [Theory]
    [InlineData(4, false, new float[] { -8, 7, 0, 3.4f }, new int[] { 0, 15, 8, 11 }, 1f)]
    [InlineData(4, false, new float[] { 4, -2, 0, 1 }, new int[] { 0, 12, 8, 6 }, -0.5f)]
    [InlineData(4, true, new float[] { -5, 10, 0, 1 }, new int[] { 0, 15, 5, 6 }, 1f)]
    [InlineData(4, true, new float[] { 3, 15, 0, 9 }, new int[] { 3, 15, 0, 9 }, 1f)]
    [InlineData(8, false, new float[] { -128, 127, 0, 5 }, new int[] { 0, 255, 128, 133 }, 1f)]
    [InlineData(8, true, new float[] { 0, 0, 0, 0 }, new int[] { 128, 128, 128, 128 }, 0f)]
    public void Round_ABlock_GivesTheseCodes(int bits, bool asymmetric, float[] weights, int[] expected, float scale)
    {
        BlockCodes codes = new(new BlockForm(bits, asymmetric), 1, weights.Length);
        codes.Round(weights);
        int Code(int i) => bits == 8 ? codes.Codes[i] : (codes.Codes[i / 2] >> (i % 2 * 4)) & 15;
        Assert.Equal(expected, Enumerable.Range(0, weights.Length).Select(Code));
        Assert.Equal(scale, Assert.Single(codes.Scales));
    }

    private static float[] Scores(string path)
    {
        using LanguageModelFiles files = LanguageModelFiles.Open(path);
        LlamaConfig config = LlamaSettings.Read(files.Json(LanguageModelFiles.ConfigName)!);
        BlockForm? form = StoredForm.Read(files.Weights);
        using SharedWeights weights = new(FrozenWeights.From(files.Weights, TextGraph.ParametersOf(config, form)));
        using TextGraph graph = new(config, form, weights, 32, Device.Cpu, new SessionSettings { Threads = 1 });
        List<float> scores = [];
        for (int token = 0; token < 30; token++)
        {
            graph.Step(token, default);
            scores.AddRange(graph.Scores);
        }

        return [.. scores];
    }

    private static double Distance(float[] a, float[] b) => Math.Sqrt(a.Zip(b, (x, y) => ((double)x - y) * (x - y)).Sum());
}
