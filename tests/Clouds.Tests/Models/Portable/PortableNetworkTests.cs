using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Portable;
using Clouds.Graph.Randomness;
using Clouds.Graph.Weights;
using Clouds.Models.Portable;
using Clouds.Tests.Graph;

namespace Clouds.Tests.Models.Portable;

/// <summary>Every network as a file of standard operators, at sizes that the file leaves open, against the same network written for that size.</summary>
[Kind(TestKind.Fast)]
public sealed class PortableNetworkTests : IDisposable
{
    private static readonly (long N, long H, long W)[] Sizes = [(1, 64, 64), (3, 32, 96), (2, 160, 64)];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. SmallNetworks.All.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void File_OfAnySize_AnswersAsTheGraphOfThatSize(string name) => Compare(SmallNetworks.All[name], half: false, tolerance: 1e-4, new PortableForm());

    [Theory]
    [MemberData(nameof(Names))]
    public void File_InHalfPrecision_AnswersNearly(string name) => Compare(SmallNetworks.All[name], half: true, Halves(name), new PortableForm());

    [Theory]
    [InlineData(18, false)]
    [InlineData(19, true)]
    [InlineData(20, false)]
    public void File_OfOlderOperators_AnswersAlike(long opset, bool half) =>
        Compare(SmallNetworks.All["convnext segmenter"], half, half ? 0.3 : 1e-4, new PortableForm { Opset = opset });

    [Theory]
    [MemberData(nameof(Names))]
    public void File_OfEveryNetwork_IsWellFormedAndTheSameEachTime(string name)
    {
        byte[] first = Write(SmallNetworks.All[name], "first.onnx");
        Assert.Equal(first, Write(SmallNetworks.All[name], "second.onnx"));
        ModelProto model = ModelProto.Parser.ParseFrom(first);
        HashSet<string> known = [.. model.Graph.Input.Select(input => input.Name)];
        Assert.All(model.Graph.Initializer, tensor => Assert.True(known.Add(tensor.Name), tensor.Name));
        foreach (NodeProto node in model.Graph.Node)
        {
            Assert.Equal("", node.Domain);
            Assert.All(node.Input.Where(input => input.Length > 0), input => Assert.Contains(input, known));
            Assert.All(node.Output.Where(output => output.Length > 0), output => Assert.True(known.Add(output), output));
            Assert.DoesNotContain(node.Attribute, attribute => attribute.Type == AttributeProto.Types.AttributeType.Undefined);
            Assert.All(node.Attribute, attribute => Assert.Equal("", attribute.RefAttrName));
        }

        Assert.All(model.Graph.Output, output => Assert.Contains(output.Name, known));
        Assert.Equal(model.Graph.Node.Count, model.Graph.Node.Select(node => node.Name).Distinct().Count());
    }

    [Fact]
    public void File_OfOneSize_HasNoShapeArithmetic()
    {
        GraphBuilder g = Build(SmallNetworks.All["convnext"], (1, 64, 96));
        Assert.DoesNotContain(g.Nodes, node => node.Op is "Shape" or "Range");
    }

    // Rounding to halves moves a mask across its threshold here and there; of seven queries, one that looks elsewhere then is a lot.
    private static double Halves(string name) => name.EndsWith("segmenter", StringComparison.Ordinal) ? 0.3 : 2e-3;

    // A square image and a broad one, so that rows and columns cannot be exchanged.
    private void Compare(IPortableNetwork network, bool half, double tolerance, PortableForm form)
    {
        GraphBuilder open = Build(network, null);
        SmallNetworks.WriteWeights(_folder["weights.safetensors"], open.Parameters);
        using FrozenWeights weights = FrozenWeights.Open(_folder["weights.safetensors"], open.Parameters);
        using PortableFile file = new(half ? HalfPrecision.Of(open) : open, weights, _folder["network.onnx"], form);
        OnnxSummary summary = OnnxReader.Summarize(file.Path);
        Assert.Equal([form.Opset], summary.Opsets.Where(opset => opset.Key.Length == 0).Select(opset => opset.Value));
        Assert.Empty(summary.CustomDomains);
        using GraphRun theirs = new(file.Path);
        foreach ((long N, long H, long W) size in Sizes[..Math.Min(Sizes.Length, network.Extents.Count + 1)])
        {
            GraphBuilder own = Build(network, size);
            (string, TestTensor)[] feeds = [.. own.Inputs.Select(input => (input.Name, Feed(input, network.Ids)))];
            using GraphRun ours = new(OnnxModel.Write(own, weights.Tensors.ToDictionary(tensor => tensor.Name, object (tensor) => Read(tensor))));
            Dictionary<string, TestTensor> expected = ours.Run(feeds);
            Dictionary<string, TestTensor> found = theirs.Run(feeds);
            foreach ((string output, TestTensor tensor) in expected)
            {
                Assert.Equal(tensor.Sizes, found[output].Sizes);
                double worst = tensor.Floats.Zip(found[output].Floats, (a, b) => Math.Abs(a - b)).Max() / tensor.Floats.Max(Math.Abs);
                double squares = tensor.Floats.Zip(found[output].Floats, (a, b) => (double)(a - b) * (a - b)).Sum();
                double length = Math.Sqrt(squares / tensor.Floats.Sum(a => (double)a * a));
                Assert.True((half ? length : worst) <= tolerance, $"{output} at {size}: {worst} of the largest number, {length} of the length");
            }
        }
    }

    private byte[] Write(IPortableNetwork network, string file)
    {
        GraphBuilder open = Build(network, null);
        SmallNetworks.WriteWeights(_folder["weights.safetensors"], open.Parameters);
        using FrozenWeights weights = FrozenWeights.Open(_folder["weights.safetensors"], open.Parameters);
        using PortableFile written = new(HalfPrecision.Of(open), weights, _folder[file], new PortableForm());
        written.Commit();
        return File.ReadAllBytes(_folder[file]);
    }

    private static GraphBuilder Build(IPortableNetwork network, (long N, long H, long W)? size)
    {
        GraphBuilder g = new(network.Kind);
        network.Build(g, new Dictionary<string, Dim>
        {
            ["N"] = size is null ? "N" : size.Value.N, ["H"] = size is null ? "H" : size.Value.H, ["W"] = size is null ? "W" : size.Value.W,
        });
        return g;
    }

    private static TestTensor Feed(Value input, long ids)
    {
        RandomStream random = new(1, input.Name);
        return input.Type == ElementType.Float ? TestTensor.Uniform(random, -2, 2, input.Shape.Sizes)
            : TestTensor.OfIntegers([.. Enumerable.Range(0, (int)input.Shape.ElementCount).Select(_ => (long)random.NextInt32((int)ids))], input.Shape.Sizes);
    }

    private static Literal Read(TensorEntry tensor) => new(ElementType.Float, [.. tensor.Shape], tensor.Slice(0, (int)tensor.Elements).ToArray());
}
