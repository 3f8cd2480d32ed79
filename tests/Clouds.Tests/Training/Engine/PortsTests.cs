using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Runtime.Devices;
using Clouds.Training.Engine;

namespace Clouds.Tests.Training.Engine;

[Kind(TestKind.Fast)]
public sealed class PortsTests
{
    private static readonly Port<float> Given = new("given", [2, 3]), Made = new("made", [2, 3]);
    private static readonly Port<long> Classes = new("classes", [4]);

    [Fact]
    public void Of_PortOfAGraph_IsMemoryThatStays()
    {
        PortBuffers ports = Ports();
        ports.ToFill(Given).Span[5] = 7;
        ports.ToFill(Classes).Span.Fill(-1);
        Assert.Equal([0, 0, 0, 0, 0, 7], ports.ToFill(Given).ToArray());
        Assert.Equal([-1, -1, -1, -1], ports.ToFill(Classes).ToArray());
    }

    [Fact]
    public void Of_PortThatAGraphWrites_IsRefusedWithItsName()
        => AssertRefused(() => Ports().ToFill(Made), "port made", "graph 'stage'");

    [Fact]
    public void Of_PortOfNoGraph_IsRefusedWithThoseThereAre()
        => AssertRefused(() => Ports().ToFill(new Port<float>("gvien", [2, 3])), "port gvien", "given, classes");

    [Fact]
    public void Of_OtherShape_IsRefusedWithBoth()
        => AssertRefused(() => Ports().ToFill(new Port<float>("given", [3, 2])), "Float[3, 2]", "Float[2, 3]");

    [Fact]
    public void Of_OtherElementType_IsRefusedWithBoth()
        => AssertRefused(() => Ports().ToFill(new Port<int>("classes", [4])), "Int32[4]", "Int64[4]");

    [Fact]
    public void Add_GraphThatDisagreesOnAPort_IsRefused()
    {
        GraphBuilder other = new("student");
        new Port<float>("made", [6]).In(other);
        AssertRefused(() => Ports().Add(other), "graph 'student'", "Float[2, 3]");
    }

    [Fact]
    public void Add_SecondWriterOfAPort_IsRefused()
    {
        GraphBuilder other = new("rival");
        other.Output("made", other.Neg(Given.In(other)));
        AssertRefused(() => Ports().Add(other), "graph 'rival'", "graph 'stage'");
    }

    [Fact]
    public void Run_PortForgottenBySource_IsRefusedBeforeTheFirstStep()
    {
        using EngineRun run = new();
        AssertRefused(() => run.Go(new Forgetful(), Forgetful.Settings), "port classes", "ITraining.Fill");
        Assert.Empty(run.History);
    }

    [Fact]
    public void Port_OfATypeThatNoGraphHas_IsRefused()
        => Assert.Contains("Guid", Assert.Throws<NotSupportedException>(() => new Port<Guid>("id", [1])).Message, StringComparison.Ordinal);

    private static PortBuffers Ports()
    {
        GraphBuilder stage = new("stage");
        stage.Output(Made.Name, stage.Neg(Given.In(stage)));
        Classes.In(stage);
        PortBuffers ports = new(Device.Cpu);
        ports.Add(stage);
        return ports;
    }

    private static void AssertRefused(Action action, params string[] facts)
    {
        CloudsException failure = Assert.Throws<CloudsException>(action);
        Assert.Equal(Failure.Internal, failure.Failure);
        Assert.All(facts, fact => Assert.Contains(fact, failure.ToString(), StringComparison.Ordinal));
    }

    private sealed class Forgetful : ITraining
    {
        public static TrainingSettings Settings { get; } = new() { Steps = 2, Optimization = new() { LearningRate = 1 } };

        public TrainingGraph Build()
        {
            GraphBuilder g = new("forgetful");
            Value picked = g.Gather(g.Parameter("table", [9], Initialize.Ones), Classes.In(g));
            return TrainingGraph.Of(g, g.Add(g.SumAll(picked), g.SumAll(Given.In(g))));
        }

        public void Fill(Batch batch) => batch.Of(Given).Span.Fill(1);
    }
}
