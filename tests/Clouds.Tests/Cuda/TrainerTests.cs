using Clouds.Graph.Building;
using Clouds.Graph.Randomness;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Training.Engine;

namespace Clouds.Tests.Cuda;

/// <summary>
/// The training engine on the CUDA provider. Over the stand-ins ONNX Runtime's kernels compute nothing, so gradients are zero; what the engine does
/// around them runs in the emulator and gives real numbers.
/// </summary>
[Kind(TestKind.Gpu)]
[Collection(CudaStandIn.Collection)]
public sealed class TrainerTests : IDisposable
{
    private static readonly Port<float> Points = new("points", [6, 2]);
    private readonly TemporaryFolder _folder = new();

    [CudaFact(CudaNeeds.StandIn | CudaNeeds.Compiler)]
    public void Run_GradientsAreZero_DecaysTheParametersAndGivesEverythingBack()
    {
        TrainingSettings settings = new()
        {
            Steps = 4,
            Optimization = new Optimization { LearningRate = 0.1, Groups = [new ParameterGroup(WeightDecay: 0.5)], Teacher = new MeanTeacher(0.5) },
            CheckpointEvery = 2,
        };
        long before = CudaStandIn.Counters.OpenAllocations;
        float[] start, end;
        using (Device device = CudaDevice.Open())
        {
            start = Train(device, settings with { Steps = 0 }, "start", resume: false);
            Train(device, settings with { Steps = 3 }, "run", resume: false);
            end = Train(device, settings, "run", resume: true);
        }

        Assert.Equal(before, CudaStandIn.Counters.OpenAllocations);
        Assert.All(start.Zip(end), pair => Assert.Equal(pair.First * Math.Pow(1 - (0.1 * 0.5), 4), pair.Second, 1e-6));
        Assert.Contains(start, value => value != 0);
    }

    [CudaFact(CudaNeeds.Compiler)]
    public void Draw_OnTheGpu_GivesTheHostsNumbersAndMovesTheStream()
    {
        using Device device = CudaDevice.Open();
        Port<float> two = new("two", [2]);
        GraphBuilder g = new("draws");
        g.Output("y", g.Add(two.In(g), 1f));
        using PortBuffers ports = new(device);
        ports.Add(g);
        Batch batch = new(ports, seed: 5, step: 3);
        RandomStream expected = batch.Random("points"), random = batch.Random("points");
        Assert.True(batch.Draw(two, random, row: 1, rows: 2).IsEmpty);
        Assert.True(batch.Draw(two, random, row: 0, rows: 2).IsEmpty);
        ports.Send();
        float second = expected.NextSingle();
        Assert.Equal(expected.NextSingle(), ports.Number("two"));
        Assert.NotEqual(second, ports.Number("two"));
        Assert.Equal(expected.Position, random.Position);
    }

    public void Dispose() => _folder.Dispose();

    private float[] Train(Device device, TrainingSettings settings, string run, bool resume)
    {
        using Trainer trainer = new(new Fit(), settings, new RunFolder(Path.Combine(_folder.Path, run)), device, new SessionSettings());
        trainer.Run(resume);
        return [.. trainer.Arena.Slots.SelectMany(slot => trainer.Arena.Span(ArenaPart.Parameters, slot.Name).ToArray())];
    }

    private sealed class Fit : ITraining
    {
        public TrainingGraph Build()
        {
            GraphBuilder g = new("fit");
            return TrainingGraph.Of(g, g.SumAll(g.Square(g.Linear(Points.In(g), "slope", 3))));
        }

        public void Fill(Batch batch) => batch.Draw(Points, batch.Random("points"));
    }
}
