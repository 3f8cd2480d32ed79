using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Portable;
using Clouds.Graph.Weights;
using Clouds.Tests.Models.Portable;

namespace Clouds.Tests.Graph.Portable;

[Kind(TestKind.Fast)]
public sealed class PortableFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly GraphBuilder _graph = new("file");

    public PortableFileTests()
    {
        Value x = _graph.Input("x", ElementType.Float, ["N", 40]);
        _graph.Output("y", _graph.LayerNorm(_graph.Linear(x, "first", 60), "norm", 1e-5f));
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, int.MaxValue, 1)]
    [InlineData(true, int.MaxValue, 2)]
    [InlineData(false, 8000, 2)]
    public void Commit_WeightsInsideOrBeside_RunsTheSame(bool beside, long most, int files)
    {
        Write(new PortableForm { DataBeside = beside, MostBytes = most });
        Assert.Equal(files, Directory.GetFiles(_folder["out"]).Length);
        using GraphRun written = new(_folder["out/model.onnx"]);
        TestTensor x = TestTensor.Of([.. Enumerable.Range(0, 80).Select(i => (float)(i % 7))], 2, 40);
        using FrozenWeights weights = Weights();
        (string, TestTensor)[] parameters = [.. weights.Tensors.Select(t => (t.Name, TestTensor.Of(Floats(t), [.. t.Shape])))];
        Assert.Equal(GraphRun.Once(_graph, [("x", x), .. parameters])["y"].Floats, written.Run(("x", x))["y"].Floats);
    }

    [Fact]
    public void Commit_TheSameBytesInBothForms_AreReadAsTheSameTensors()
    {
        Write(new PortableForm { Metadata = new Dictionary<string, string> { ["who"] = "me" } });
        using WeightSource inside = WeightSource.Open(_folder["out/model.onnx"]);
        Assert.Equal("me", inside.Metadata["who"]);
        using WeightSource original = WeightSource.Open(_folder["weights.safetensors"]);
        Assert.Equal(original.ReadFloats("first.weight"), inside.ReadFloats("first.weight"));

        // What a parser that builds the whole message finds.
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_folder["out/model.onnx"]));
        Assert.Equal(4, model.Graph.Initializer.Count(tensor => tensor.Name.Contains('.', StringComparison.Ordinal)));
    }

    [Fact]
    public void Dispose_WithoutCommit_LeavesWhatStoodThere()
    {
        File.WriteAllText(_folder["out/model.onnx"], "old");
        using (FrozenWeights weights = Weights())
        using (PortableFile file = new(_graph, weights, _folder["out/model.onnx"], new PortableForm { DataBeside = true }))
        {
            Assert.True(File.Exists(file.Path));
            Assert.True(File.Exists(file.Data));
        }

        Assert.Equal("old", File.ReadAllText(Assert.Single(Directory.GetFiles(_folder["out"]))));
    }

    [Fact]
    public void Commit_Again_RemovesTheDataOfBefore()
    {
        Write(new PortableForm { DataBeside = true });
        Write(new PortableForm());
        Assert.Equal("model.onnx", Path.GetFileName(Assert.Single(Directory.GetFiles(_folder["out"]))));
    }

    [Fact]
    public void Constructor_FolderThatIsAFile_FailsAsOutput()
    {
        File.WriteAllText(_folder["no"], "");
        using FrozenWeights weights = Weights();
        CloudsException failure =
            Assert.Throws<CloudsException>(() => new PortableFile(_graph, weights, Path.Combine(_folder.Path, "no", "model.onnx"), new PortableForm()));
        Assert.Equal(Failure.Output, failure.Failure);
    }

    [Fact]
    public void Constructor_WeightBeyondHalfPrecision_IsNamed()
    {
        GraphBuilder g = new("large");
        g.Output("y", g.MatMul(g.Input("x", ElementType.Float, [1, 1]), g.Parameter("huge", [1, 1], Initialize.Constant(1e6f))));
        SmallNetworks.WriteWeights(_folder["huge.safetensors"], g.Parameters);
        using FrozenWeights weights = FrozenWeights.Open(_folder["huge.safetensors"], g.Parameters);
        CloudsException failure = Assert.Throws<CloudsException>(
            () => new PortableFile(HalfPrecision.Of(g), weights, _folder["out/model.onnx"], new PortableForm()));
        Assert.Equal(Failure.Numeric, failure.Failure);
        Assert.Contains("huge", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["out"]));
    }

    [Fact]
    public void Constructor_OperatorThatNothingStandardExpresses_IsRefused()
    {
        GraphBuilder g = new("assignment");
        Value cost = g.Input("cost", ElementType.Float, [1, 2, 2]);
        g.Output("y", g.Assign(cost, g.Input("valid", ElementType.Float, [1, 2])).Queries);
        using FrozenWeights weights = Weights();
        NotSupportedException failure =
            Assert.Throws<NotSupportedException>(() => new PortableFile(g, weights, _folder["out/model.onnx"], new PortableForm()));
        Assert.Contains("clouds.Assign", failure.Message, StringComparison.Ordinal);
    }

    private void Write(PortableForm form)
    {
        using FrozenWeights weights = Weights();
        using PortableFile file = new(_graph, weights, _folder["out/model.onnx"], form);
        file.Commit();
    }

    private FrozenWeights Weights()
    {
        SmallNetworks.WriteWeights(_folder["weights.safetensors"], _graph.Parameters);
        return FrozenWeights.Open(_folder["weights.safetensors"], _graph.Parameters);
    }

    private static float[] Floats(TensorEntry tensor) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tensor.Slice(0, (int)tensor.Elements)).ToArray();
}
