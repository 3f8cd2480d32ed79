using Clouds.Diagnostics;
using Clouds.Graph.Onnx;
using Clouds.Native.Portable;
using Clouds.Native.Segmentation;
using Clouds.Tests.Models.Portable;
using Google.Protobuf;

namespace Clouds.Tests.Native.Segmentation;

/// <summary>Exported files whose metadata or graph are not what they should be: one clear error each, before any image.</summary>
[Kind(TestKind.Fast)]
public sealed class PortableModelTests : IDisposable
{
    private static readonly Lazy<byte[]> Good = new(() =>
    {
        using TemporaryFolder folder = new();
        string model = SmallNetworks.WriteModel(folder["model.safetensors"], SmallNetworks.Segmenters["convnext"]);
        ModelExport.Write(model, folder["model.onnx"]);
        return File.ReadAllBytes(folder["model.onnx"]);
    });

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string, string> Terms => new()
    {
        { "\"version\":1", "\"version\":2", "version" },
        { "\"shortSide\":64", "\"shortSide\":-1", "resize.shortSide" },
        { "\"shortSide\":64", "\"shortSide\":2000000000", "resize.shortSide" },
        { "\"shortSide\":64", "\"shortSide\":64.5", "resize.shortSide" },
        { "\"longSide\":2048", "\"longSide\":-7", "resize.longSide" },
        { "bilinear with", "nearest with", "resize.filter" },
        { "\"RGB\"", "\"BGR\"", "colourOrder" },
        { "\"mean\":[", "\"mean\":[1,", "mean" },
        { "\"deviation\":[", "\"deviation\":[0,", "deviation" },
        { "68.5005327", "1e-60", "deviation" },
        { "68.5005327", "1e999", "deviation" },
        { "\"multiple\":32", "\"multiple\":16", "padding.multiple" },
        { "\"value\":0", "\"value\":114", "padding.value" },
        { "right and bottom", "left and top", "padding.where" },
        { "[4,5,6]", "[4,5,256]", "classes" },
        { "[4,5,6]", "[4,5]", "classes" },
        { "\"sky\"", "\"road\"", "classes" },
        { "\"sky\"", "\"\"", "classes" },
        { "\"sky\"", "null", "classes" },
        { "\"void\":255", "\"void\":0", "void" },
        { "\"void\":255", "\"void\":255,\"extra\":1", "extra" },
        { ",\"void\":255", "", "void" },
        { "{\"name\":\"sky\",\"colour\":[4,5,6]},", "", "class_logits" },
        { "{\"name\":\"sky\"", "{\"name\":\"x\",\"colour\":[0,0,0]},{\"name\":\"sky\"", "class_logits" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Terms))]
    public void Load_TermThatIsNotKept_IsNamed(string term, string other, string told)
    {
        AssertRefused(Rewritten(model =>
        {
            StringStringEntryProto contract = model.MetadataProps.Single(entry => entry.Key == "clouds.preprocessing");
            Assert.Contains(term, contract.Value, StringComparison.Ordinal);
            contract.Value = contract.Value.Replace(term, other, StringComparison.Ordinal);
            model.MetadataProps.Remove(model.MetadataProps.Single(entry => entry.Key == "clouds.model"));
        }), told);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"version\":")]
    public void Load_ContractThatIsNone_IsRefused(string json) => AssertRefused(
        Rewritten(model => model.MetadataProps.Single(entry => entry.Key == "clouds.preprocessing").Value = json), "contract");

    [Fact]
    public void Load_KeyTwice_IsRefused() => AssertRefused(
        Rewritten(model => model.MetadataProps.Single(entry => entry.Key == "clouds.preprocessing").Value = "{\"version\":1,\"version\":1}"), "twice");

    [Fact]
    public void Load_ContractOfThousandsOfLevels_IsRefusedAtOnce() => AssertRefused(
        Rewritten(model => model.MetadataProps.Single(entry => entry.Key == "clouds.preprocessing").Value = new string('[', 200_000)), "not valid JSON");

    [Fact]
    public void Load_FileOfAnotherProgram_SaysThatItDoesNotSay() =>
        AssertRefused(Rewritten(model => model.MetadataProps.Clear()), "does not say how images become its input");

    [Fact]
    public void Load_ContractTwice_TakesOneOrRefuses() => AssertRefused(Rewritten(model =>
    {
        StringStringEntryProto twice = model.MetadataProps.Single(entry => entry.Key == "clouds.preprocessing").Clone();
        twice.Value = twice.Value.Replace("RGB", "BGR", StringComparison.Ordinal);
        model.MetadataProps.Add(twice);
    }), "colourOrder");

    [Fact]
    public void Load_DescriptionThatSaysOtherwise_IsRefused() => AssertRefused(Rewritten(model =>
    {
        StringStringEntryProto description = model.MetadataProps.Single(entry => entry.Key == "clouds.model");
        description.Value = description.Value.Replace("\"sky\"", "\"river\"", StringComparison.Ordinal);
    }), "clouds.model");

    [Fact]
    public void Load_OutputOfAnotherName_IsNamed() => AssertRefused(Rewritten(model =>
    {
        model.Graph.Output[0].Name = "logits";
        model.Graph.Node.Add(new NodeProto { OpType = "Identity", Name = "named", Input = { "class_logits" }, Output = { "logits" } });
    }), "class_logits");

    [Fact]
    public void Load_NodeOfAnotherDomain_IsRefused()
    {
        CloudsException failure = Refuse(Rewritten(model =>
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = "clouds", Version = 1 });
            model.Graph.Output[0].Name = "assigned";
            model.Graph.Node.Add(new NodeProto
            {
                OpType = "Assign", Domain = "clouds", Name = "assign", Input = { "class_logits", "mask_logits" }, Output = { "assigned", "a", "b" },
            });
        }));
        Assert.Equal(Failure.BadInput, failure.Failure);
    }

    [Fact]
    public void Load_CutAnywhere_IsRefused()
    {
        byte[] good = Good.Value;
        foreach (int length in new[] { 3, 100, good.Length / 3, good.Length / 2, good.Length - 1 })
        {
            CloudsException failure = Refuse(good[..length]);
            Assert.True(failure.Failure is Failure.Weights or Failure.BadInput, failure.Message);
        }
    }

    [Fact]
    public void Load_WithoutTheDataBesideIt_NamesTheFile()
    {
        string model = SmallNetworks.WriteModel(_folder["model.safetensors"], SmallNetworks.Segmenters["convnext"]);
        ExportReport report = ModelExport.Write(model, _folder["out/model.onnx"], new ExportOptions { DataBeside = true });
        File.Delete(report.Data!);
        CloudsException failure = Assert.Throws<CloudsException>(() => Segmenter.Load(report.Path));
        Assert.Contains(Path.GetFileName(report.Data!), failure.Message, StringComparison.Ordinal);
    }

    private void AssertRefused(byte[] file, string told)
    {
        CloudsException failure = Refuse(file);
        Assert.Equal(Failure.Weights, failure.Failure);
        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
        Assert.Contains("model.onnx", failure.Message, StringComparison.Ordinal);
    }

    private CloudsException Refuse(byte[] file)
    {
        File.WriteAllBytes(_folder["model.onnx"], file);
        return Assert.Throws<CloudsException>(() => Segmenter.Load(_folder["model.onnx"], new SegmenterOptions { Device = ComputeDevice.Cpu }));
    }

    private static byte[] Rewritten(Action<ModelProto> change)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(Good.Value);
        change(model);
        return model.ToByteArray();
    }
}
