using System.Runtime.InteropServices;
using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Randomness;
using Clouds.Runtime.CustomOps;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Tests.Graph;
using Clouds.Tests.Graph.Autodiff;
using ElementType = Clouds.Graph.Building.ElementType;

namespace Clouds.Tests.Runtime.Sessions;

/// <summary>
/// Results and gradients do not depend on threads: run after run beside a busy thread they have the bits of one thread. One run on an idle
/// machine would not show a race, nor would tensors so small that the runtime keeps them on one thread.
/// </summary>
[Kind(TestKind.Fast)]
public sealed class ThreadedGradientTests
{
    private const int Runs = 200;

    // The runtime divides a product's columns among threads, and sums in larger blocks where 64 or fewer are left to one (platform.md section 3):
    // other bits on two threads than on one, but the same in every run.
    private static readonly string[] BitsOfTheirOwn = ["MatMul: few columns, long sums"];

    // Operators of domain "clouds" that move or pick, and add nothing up.
    private static readonly string[] WithoutSums = ["Assign", "UncertainPoints"];

    public static TheoryData<string> Titles => [.. ThreadedGradientCases.All.Select(gradientCase => gradientCase.Title)];

    [Theory]
    [MemberData(nameof(Titles))]
    public void Gradient_OnTwoThreadsBesideABusyOne_HasTheBitsOfOneThreadInEveryRun(string title)
    {
        GraphBuilder g = WithGradients(ThreadedGradientCases.All.Single(gradientCase => gradientCase.Title == title), out Dictionary<string, float[]> inputs);
        bool ours = g.Nodes.Any(node => node.Domain == GraphBuilder.Domain);
        using BusyProcessor busy = new();
        foreach (bool useCustomOps in ours ? new[] { true, false } : [true])
        {
            using Repeated two = new(g, inputs, new SessionSettings { Threads = 2, UseCustomOps = useCustomOps });
            using Repeated first = new(g, inputs, new SessionSettings { Threads = BitsOfTheirOwn.Contains(title) ? 2 : 1, UseCustomOps = useCustomOps });
            first.Run();
            for (int run = 0; run < Runs; run++)
            {
                two.Run();
                string? different = two.Difference(first);
                Assert.True(different is null, $"{title}, run {run}, {(useCustomOps ? "kernels" : "lowerings")}: {different} has other bits");
            }
        }
    }

    [Fact]
    public void EveryRuleAndOperatorThatAddsUp_HasACase()
    {
        IReadOnlyList<GradientCase> cases = ThreadedGradientCases.All;
        string[] rules = [.. GradientRules.Operators.Except(cases.Select(gradientCase => gradientCase.Rule)).Except(ThreadedGradientCases.OneToOne)];
        Assert.True(rules.Length == 0, $"no case for the gradient rules of {string.Join(", ", rules)}");
        IEnumerable<Node> run = cases.SelectMany(gradientCase => WithGradients(gradientCase, out _).Nodes).Where(node => node.Domain == GraphBuilder.Domain);
        string[] operators = [.. CloudsOps.Names.Except(run.Select(node => node.Op)).Except(WithoutSums)];
        Assert.True(operators.Length == 0, $"no case runs the operators {string.Join(", ", operators)}");
    }

    private static GraphBuilder WithGradients(GradientCase gradientCase, out Dictionary<string, float[]> inputs)
    {
        GraphBuilder g = new(gradientCase.Title);
        RandomStream random = new(17, gradientCase.Title);
        TestTensor[] tensors = [.. gradientCase.Operands.Select(operand => operand.Draw(random))];
        Value[] values = [.. tensors.Select((tensor, i) => g.Input($"x{i}", tensor.Type, Shape.Of(tensor.Sizes)))];
        inputs = tensors.Select((tensor, i) => (Name: $"x{i}", tensor.Floats)).ToDictionary(input => input.Name, input => input.Floats);
        Value y = gradientCase.Build(new CaseInputs(g, values));
        Value dy = g.Input("dy", ElementType.Float, y.Shape);
        inputs["dy"] = TestTensor.Uniform(random, -1, 1, y.Shape.Sizes).Floats;
        g.Output("y", y);
        foreach ((Value gradient, int i) in Gradients.Of(g, [(y, dy)], values).Select((gradient, i) => (gradient, i)))
        {
            g.Output($"dx{i}", gradient);
        }

        return g;
    }

    /// <summary>A graph on inputs that stay.</summary>
    private sealed class Repeated : IDisposable
    {
        private readonly GraphSession _session;
        private readonly Dictionary<string, float[]> _outputs = [];

        public Repeated(GraphBuilder graph, Dictionary<string, float[]> inputs, SessionSettings settings)
        {
            _session = Device.Cpu.CreateSession(OnnxModel.Write(graph), settings);
            foreach (GraphPort port in _session.Inputs)
            {
                _session.Bind<float>(port.Name, inputs[port.Name], port.Shape);
            }

            foreach (GraphPort port in _session.Outputs)
            {
                _outputs[port.Name] = new float[port.Shape.Aggregate(1L, (a, b) => a * b)];
                _session.Bind<float>(port.Name, _outputs[port.Name], port.Shape);
            }
        }

        public void Run() => _session.Run();

        /// <summary>The first output with other bits; null where there is none.</summary>
        public string? Difference(Repeated other) => _outputs.Keys.FirstOrDefault(name => !Bits(_outputs[name]).SequenceEqual(Bits(other._outputs[name])));

        public void Dispose() => _session.Dispose();

        private static ReadOnlySpan<byte> Bits(float[] values) => MemoryMarshal.AsBytes<float>(values);
    }
}
