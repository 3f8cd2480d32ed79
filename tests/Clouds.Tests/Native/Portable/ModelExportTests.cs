using Clouds.Diagnostics;
using Clouds.Graph.Onnx;
using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Models.Portable;
using Clouds.Native.Images;
using Clouds.Native.Portable;
using Clouds.Native.Segmentation;
using Clouds.Tests.Models.Portable;
using Clouds.Tests.Native.Sam;

namespace Clouds.Tests.Native.Portable;

/// <summary>Exported files: what they say, that they are checked, and that a segmenter of one labels as the model does.</summary>
[Kind(TestKind.Fast)]
public sealed class ModelExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Segmenters => [.. SmallNetworks.Segmenters.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Segmenters))]
    public void Segment_OfAnExportedFile_LabelsAsTheModel(string name)
    {
        string model = SmallNetworks.WriteModel(_folder["model.safetensors"], SmallNetworks.Segmenters[name]);
        ExportReport report = ModelExport.Write(model, _folder["model.onnx"]);
        Assert.All(report.Differences, difference => Assert.InRange(difference.OfLength, 0, 1e-4));
        Assert.Equal(4, report.Differences.Count);
        AssertSameLabels(model, report.Path, [(64, 64), (100, 70), (70, 300), (31, 64)]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Segment_OfAFileOfOneSize_LabelsAsTheModelWhereImagesHaveIt(bool beside)
    {
        string model = Model();
        ExportOptions options = new() { Width = 96, Height = 64, Batch = 1, DataBeside = beside, WithScores = true };
        ExportReport report = ModelExport.Write(model, _folder["out/model.onnx"], options);
        Assert.Equal(beside ? 2 : 1, Directory.GetFiles(_folder["out"]).Length);
        AssertSameLabels(model, report.Path, [(96, 64), (192, 128), (90, 64)]);

        // What does not fit is made smaller, and answered at its own size.
        using Segmenter segmenter = Segmenter.Load(report.Path, new SegmenterOptions { Device = ComputeDevice.Cpu });
        Assert.Equal(50 * 400, segmenter.Segment(Image(50, 400)).Labels.Length);
    }

    [Fact]
    public void Write_HalfPrecision_IsHalfAsLargeAndNear()
    {
        string model = Model();
        long whole = ModelExport.Write(model, _folder["whole.onnx"]).Bytes;
        ExportReport report = ModelExport.Write(model, _folder["half.onnx"], new ExportOptions { HalfPrecision = true, Tolerance = 0.5 });
        Assert.InRange(report.Bytes, whole / 3, whole * 8 / 10);
        Assert.Contains(report.Differences, difference => difference.OfLength > 1e-5);
        using Segmenter half = Segmenter.Load(report.Path, new SegmenterOptions { Device = ComputeDevice.Cpu });
        using Segmenter own = Segmenter.Load(model, new SegmenterOptions { Device = ComputeDevice.Cpu });
        ushort[] expected = own.Segment(Image(64, 64)).Labels, found = half.Segment(Image(64, 64)).Labels;
        Assert.InRange(expected.Zip(found).Count(pair => pair.First == pair.Second), expected.Length * 8 / 10, expected.Length);
    }

    [Fact]
    public void Write_AFile_SaysAllThatASegmenterNeeds()
    {
        ModelExport.Write(Model(), _folder["model.onnx"]);
        OnnxSummary summary = OnnxReader.Summarize(_folder["model.onnx"]);
        Assert.Empty(summary.CustomDomains);
        Assert.Equal("image: [N, 3, H, W]", string.Join(", ", summary.Inputs.Select(input => $"{input.Name}: {input.Shape}")));
        Assert.Equal(["class_logits", "mask_logits"], summary.Outputs.Select(output => output.Name));
        using WeightSource file = WeightSource.Open(_folder["model.onnx"]);
        Assert.Equal("segmenter", file.Metadata["clouds.network"]);
        string contract = file.Metadata["clouds.preprocessing"];
        Assert.Contains("\"colourOrder\":\"RGB\"", contract, StringComparison.Ordinal);
        Assert.Contains("{\"name\":\"sky\",\"colour\":[4,5,6]}", contract, StringComparison.Ordinal);
        Assert.Equal(["road", "sky", "car"], ModelDescription.Read(file).ClassNames);
    }

    [Fact]
    public void Write_TheEncoderOfAModelAndOfAWeightFile_GivesItsMaps()
    {
        ExportReport report = ModelExport.Write(Model(), _folder["encoder.onnx"], new ExportOptions { Network = "encoder" });
        Assert.Equal(["res2", "res3", "res4", "res5"], report.Differences.Take(4).Select(difference => difference.Output));
        CloudsException failure = Assert.Throws<CloudsException>(
            () => ModelExport.Write(Model(), _folder["other.onnx"], new ExportOptions { Network = "in_rn50" }));
        Assert.Equal(Failure.Weights, failure.Failure);
        CloudsException none = Assert.Throws<CloudsException>(
            () => ModelExport.Write(Model(), _folder["text.onnx"], new ExportOptions { Network = "clip_text" }));
        Assert.Contains("no text tower", none.Message, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_folder.Path, "*.onnx"));
    }

    [Fact]
    public void Write_ToleranceThatNothingMeets_KeepsWhatStoodThere()
    {
        File.WriteAllText(_folder["out/model.onnx"], "old");
        CloudsException failure = Assert.Throws<CloudsException>(
            () => ModelExport.Write(Model(), _folder["out/model.onnx"], new ExportOptions { Tolerance = 0, DataBeside = true }));
        Assert.Equal(Failure.Numeric, failure.Failure);
        Assert.Equal("old", File.ReadAllText(Assert.Single(Directory.GetFiles(_folder["out"]))));
    }

    public static TheoryData<string, string> Mistakes => new()
    {
        { "size of a text tower", "Height" }, { "width alone", "Width" }, { "size of no multiple", "Width" }, { "batch of none", "Batch" },
        { "old operators", "Opset" }, { "unknown network", "did you mean 'clip_rn50'?" }, { "own name", "place of the model" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Write_WhatCannotBe_IsUsage(string mistake, string told)
    {
        string model = Model();
        (string path, ExportOptions options) = mistake switch
        {
            "size of a text tower" => (_folder["x.onnx"], new ExportOptions { Network = "clip_text", Width = 64, Height = 64 }),
            "width alone" => (_folder["x.onnx"], new ExportOptions { Width = 64 }),
            "size of no multiple" => (_folder["x.onnx"], new ExportOptions { Width = 65, Height = 64 }),
            "batch of none" => (_folder["x.onnx"], new ExportOptions { Batch = 0 }),
            "old operators" => (_folder["x.onnx"], new ExportOptions { Opset = 17 }),
            "unknown network" => (_folder["x.onnx"], new ExportOptions { Network = "clip_rn5" }),
            _ => (model, new ExportOptions()),
        };
        string source = mistake == "size of a text tower" ? SmallNetworks.WriteTextTower(_folder["tower.safetensors"]) : model;
        CloudsException failure = Assert.Throws<CloudsException>(() => ModelExport.Write(source, path, options));
        Assert.Equal(Failure.Usage, failure.Failure);
        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_OverAFileThatAFolderLedTo_IsUsage()
    {
        Model();
        File.CreateSymbolicLink(_folder["link.onnx"], _folder["model.safetensors"]);
        foreach (string path in new[] { _folder["model.safetensors"], _folder["link.onnx"] })
        {
            CloudsException failure = Assert.Throws<CloudsException>(() => ModelExport.Write(_folder.Path, path));
            Assert.Equal(Failure.Usage, failure.Failure);
        }
    }

    [Fact]
    public void Write_ForMoreThanTheMachineHolds_IsRefusedBeforeItRuns()
    {
        string model = Model();
        CloudsException failure = Assert.Throws<CloudsException>(
            () => ModelExport.Write(model, _folder["out/model.onnx"], new ExportOptions { Width = 2048, Height = 2048, Batch = 4096 }));
        Assert.Equal(Failure.Device, failure.Failure);
        Assert.Contains("smaller size or batch", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["out"]));
    }

    [Fact]
    public void Extents_OfANetworkThatHasNone_CannotBeChosen()
    {
        PortableSamEncoder encoder = new(TinySam.Config);
        Assert.Empty(ExportForm.Extents(encoder, new ExportOptions()));
        CloudsException failure = Assert.Throws<CloudsException>(() => ExportForm.Extents(encoder, new ExportOptions { Batch = 2 }));
        Assert.Equal(Failure.Usage, failure.Failure);
        Assert.Contains("ExportOptions.Batch", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_TheTextTower_RunsOnRowsOfTokens()
    {
        string tower = SmallNetworks.WriteTextTower(_folder["tower.safetensors"]);
        ExportReport report = ModelExport.Write(tower, _folder["tower.onnx"], new ExportOptions { Network = "clip_text_openai" });
        Assert.Equal(["tokens [1, 9]", "tokens [3, 9]"], report.Differences.Select(difference => difference.Inputs));
        Assert.All(report.Differences, difference => Assert.InRange(difference.OfLength, 0, 1e-5));
    }

    [Fact]
    public void Write_Cancelled_LeavesNothing()
    {
        using CancellationTokenSource source = new();
        source.Cancel();
        string model = Model();
        Assert.ThrowsAny<OperationCanceledException>(() => ModelExport.Write(model, _folder["out/model.onnx"], cancellation: source.Token));
        Assert.Empty(Directory.GetFiles(_folder["out"]));
    }

    private string Model() => SmallNetworks.WriteModel(_folder["model.safetensors"], SmallNetworks.Segmenters["convnext"]);

    private static void AssertSameLabels(string model, string exported, (int Width, int Height)[] sizes)
    {
        SegmenterOptions options = new() { Device = ComputeDevice.Cpu, Sessions = 2 };
        using Segmenter own = Segmenter.Load(model, options);
        using Segmenter theirs = Segmenter.Load(exported, options);
        Assert.Equal(own.Classes.Names, theirs.Classes.Names);
        Assert.Equal(own.Classes.Colours, theirs.Classes.Colours);
        foreach ((int width, int height) in sizes)
        {
            ushort[] expected = own.Segment(Image(width, height)).Labels, found = theirs.Segment(Image(width, height)).Labels;
            int other = expected.Zip(found).Count(pair => pair.First != pair.Second);

            // Two classes may be nearer to each other than the last digits.
            Assert.True(other <= expected.Length / 1000, $"{other} of {expected.Length} labels differ at {width} x {height}");
        }
    }

    private static RgbImage Image(int width, int height)
    {
        RgbImage image = new(width, height);
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            image.Pixels[i] = (byte)((i * 7 % 251) ^ (i / (3 * width) * 5));
        }

        return image;
    }
}
