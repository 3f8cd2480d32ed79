using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;

namespace Clouds.Tests.Graph.Onnx;

[Kind(TestKind.Fast)]
public sealed class OnnxFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clouds-onnx-").FullName;
    private readonly GraphBuilder _g = new("file");
    private readonly Dictionary<string, ReadOnlyMemory<float>> _values = [];

    public OnnxFileTests()
    {
        Value x = _g.Input("x", ElementType.Float, ["N", 40]);
        Value hidden = _g.Relu(_g.Linear(x, "hidden", 50));
        _g.Output("y", _g.LayerNorm(_g.Linear(hidden, "last", 60), "norm", 1e-5f));
        foreach (Parameter parameter in _g.Parameters)
        {
            _values.Add(parameter.Name, parameter.Initialize(1));
        }
    }

    private string ModelPath => Path.Combine(_folder, "model.onnx");

    [Theory]
    [InlineData(0, 6)]
    [InlineData(8000, 2)]
    [InlineData(8001, 1)]
    [InlineData(1 << 20, 0)]
    public void Save_AtAnyThreshold_RunsTheSame(long threshold, int external)
    {
        OnnxFile.Save(_g, ModelPath, _values, threshold);

        OnnxSummary summary = OnnxReader.Summarize(ModelPath);
        Assert.Equal(external, summary.Initializers.Count(initializer => initializer.ExternalFile is not null));
        Assert.Equal(external == 0 ? 1 : 2, Directory.GetFiles(_folder).Length);
        Assert.Equal("x", Assert.Single(summary.Inputs).Name);
        using GraphRun saved = new(ModelPath);
        Assert.Equal(Reference(), saved.Run(("x", Input()))["y"].Floats);
    }

    [Fact]
    public void Save_LargeParameters_StandOnPageBoundaries()
    {
        OnnxFile.Save(_g, ModelPath, _values, threshold: 0);

        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(ModelPath));
        Assert.All(
            model.Graph.Initializer.Where(tensor => tensor.ExternalData.Count > 0),
            tensor => Assert.Equal(0, long.Parse(tensor.ExternalData.Single(entry => entry.Key == "offset").Value) % 4096));
    }

    [Fact]
    public void Save_Again_ReplacesModelAndDataAndLeavesOtherFilesAlone()
    {
        string other = Path.Combine(_folder, "model.notes.data");
        File.WriteAllText(other, "mine");
        OnnxFile.Save(_g, ModelPath, _values, threshold: 0);
        float[] changed = [.. _values["last.bias"].Span.ToArray().Select((value, i) => value + i)];
        OnnxFile.Save(_g, ModelPath, new Dictionary<string, ReadOnlyMemory<float>>(_values) { ["last.bias"] = changed }, threshold: 0);

        Assert.Equal(3, Directory.GetFiles(_folder).Length);
        Assert.True(File.Exists(other));
        GraphBuilder read = OnnxReader.Read(ModelPath);
        Assert.Equal(changed, read.Constants.Single(constant => constant.Name == "last.bias").Literal!.Floats.ToArray());
    }

    [Fact]
    public void Save_UnderAFileInsteadOfAFolder_FailsAsOutputAndLeavesNothing()
    {
        File.WriteAllText(Path.Combine(_folder, "no"), "");
        CloudsException e = Assert.Throws<CloudsException>(() => OnnxFile.Save(_g, Path.Combine(_folder, "no", "model.onnx"), _values));

        Assert.Equal(Failure.Output, e.Failure);
        Assert.Equal("no", Path.GetFileName(Assert.Single(Directory.GetFileSystemEntries(_folder))));
    }

    [Fact]
    public void Save_ValuesThatDoNotFit_NamesAllOfThem()
    {
        _values["hidden.bias"] = new float[3];
        _values.Add("stranger", new float[1]);

        CloudsException e = Assert.Throws<CloudsException>(() => OnnxFile.Save(_g, ModelPath, _values));

        Assert.Equal(Failure.Weights, e.Failure);
        Assert.Contains("hidden.bias: 3 values for shape [50]", e.Message);
        Assert.Contains("stranger: not in the graph", e.Message);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Save_WithoutSomeValues_LeavesThemAsInputs()
    {
        _values.Remove("norm.weight");

        OnnxFile.Save(_g, ModelPath, _values);

        Assert.Equal(["x", "norm.weight"], OnnxReader.Summarize(ModelPath).Inputs.Select(input => input.Name));
    }

    [Fact]
    public void Read_SavedModel_GivesTheSameGraph()
    {
        OnnxFile.Save(_g, ModelPath, _values, threshold: 8000);

        GraphBuilder read = OnnxReader.Read(ModelPath);

        Assert.Equal(_g.Nodes.Select(node => node.ToString()), read.Nodes.Select(node => node.ToString()));
        Assert.Equal("[N, 60]", read.Outputs[0].Value.Shape.ToString());
        Assert.Equal(Reference(), GraphRun.Once(read, ("x", Input()))["y"].Floats);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static TestTensor Input() => TestTensor.Uniform(new(3, "input"), -1, 1, 3, 40);

    private float[] Reference()
    {
        (string, TestTensor)[] parameters =
            [.. _g.Parameters.Select(parameter => (parameter.Name, TestTensor.Of(parameter.Initialize(1), parameter.Shape.Sizes)))];
        return GraphRun.Once(_g, [("x", Input()), .. parameters])["y"].Floats;
    }
}
