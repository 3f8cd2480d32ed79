using Clouds.Diagnostics;
using Clouds.Emulator.Driver;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Training.Engine;
using Clouds.Training.SourceTraining;
using Clouds.Training.Streets;

namespace Clouds.Tests.Cuda;

/// <summary>Whatever is made on a GPU gives its memory back, also where the making fails half way.</summary>
[Kind(TestKind.Gpu)]
[Collection(CudaStandIn.Collection)]
public class LeakTests
{
    private const CudaNeeds Needs = CudaNeeds.StandIn | CudaNeeds.Compiler;

    [CudaFact(Needs)]
    public void TrainingStep_RunAndDisposed_LeavesNoAllocation()
    {
        using IDisposable counting = CudaStandIn.CountingOnly();
        long before = Open();
        Train();
        Assert.Equal(before, Open());
    }

    // From the first allocation on, and while arena, optimiser, ports and operators ask for theirs.
    [CudaTheory(Needs)]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(10)]
    [InlineData(14)]
    [InlineData(20)]
    [InlineData(45)]
    public void TrainingStep_MemoryIsUsedUpHalfWay_IsOneDeviceFailureThatLeavesNoAllocation(int first)
    {
        using IDisposable counting = CudaStandIn.CountingOnly();
        long before = Open();
        using (CudaStandIn.Failing(string.Join(',', Enumerable.Range(first, 1000).Select(allocation => $"cuMemAlloc_v2@{allocation}=2"))))
        {
            Assert.Equal(Failure.Device, Assert.Throws<CloudsException>(Train).Failure);
        }

        Assert.Equal(before, Open());
    }

    private static long Open() => CudaStandIn.Counters.OpenAllocations;

    private static void Train()
    {
        SourceTrainingConfig config = SourceTrainingConfig.Small with { Batch = 1 };
        StreetDataset data = new(new StreetDatasetConfig { Count = 1, Width = 320, Height = 240 });
        TrainingSettings settings = new() { Steps = 2, Optimization = new Optimization { LearningRate = 1e-3 } };
        using Device device = CudaDevice.Open();
        using MaskTraining training = new(config, data, frozenEncoder: null);
        using TrainingStep step = new(training, settings, device, new SessionSettings());
        step.Run(0);
        step.Run(1);
    }
}
