using Clouds.Diagnostics;
using Clouds.Emulator;
using Clouds.Emulator.Driver;
using Clouds.Graph.Randomness;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Distributed;
using Clouds.Runtime.Native;
using Clouds.Runtime.Sessions;

namespace Clouds.Tests.Runtime.Distributed;

[Kind(TestKind.Fast)]
public sealed class GradientMeanTests : IDisposable
{
    // More than a call of NCCL takes.
    private const long Length = NcclGroup.ChunkFloats + 4321;
    private static readonly RankSettings NcclOnly = new() { Gradients = GradientPath.Nccl };
    private readonly TemporaryFolder _folder = new();

    public GradientMeanTests() => Assert.SkipUnless(StandInNccl.Absent is null, StandInNccl.Absent ?? "");

    public void Dispose() => _folder.Dispose();

    [MpiFact]
    public void Run_EachRankHasItsGpu_IsTheMeanWithoutACopyToTheHost() => Mpirun.Run(2, ranks =>
    {
        using RankOnGpu rank = new(ranks, _folder.Path, gpu: ranks.LocalRank, Length);
        for (int round = 0; round < 2; round++)
        {
            rank.Fill();
            rank.Driver.ResetCounters();
            rank.Mean.Run();
            Assert.Equal((0, 0, 0), (rank.Driver.Counters.Downloads, rank.Driver.Counters.Uploads, rank.Driver.Counters.Launches));
            rank.RequireMean();
        }

        Assert.True(rank.Mean.OnGpus);
        Assert.Empty(rank.Warnings);
    });

    [MpiFact]
    public void Run_RanksThatShareAGpu_GoThroughTheHostWhichIsTold() => Mpirun.Run(2, ranks =>
    {
        using RankOnGpu rank = new(ranks, _folder.Path, gpu: 0, 1000);
        rank.Fill();
        rank.Driver.ResetCounters();
        rank.Mean.Run();
        Assert.Equal((1, 1), (rank.Driver.Counters.Downloads, rank.Driver.Counters.Uploads));
        rank.RequireMean();
        Assert.False(rank.Mean.OnGpus);
        Assert.Equal(ranks.IsFirst ? ["gradients go through the host's memory: ranks 0 and 1 share a GPU"] : [], rank.Warnings);
    });

    [MpiFact]
    public void Run_NcclIsAskedForAndOneRankHasNone_IsRefusedByAll() => Mpirun.Run(
        2,
        ranks =>
        {
            using RankOnGpu rank = new(ranks, _folder.Path, gpu: ranks.LocalRank, 1000, version: ranks.IsFirst ? 22_703 : 20_803);
            CloudsException refused = Assert.Throws<CloudsException>(rank.Mean.Run);
            Assert.Equal((Failure.Device, "execution.ranks.gradients"), (refused.Failure, refused.Where));
            Assert.StartsWith("rank 1 has no NCCL that can be used", refused.Found);
            ranks.Meet("the end");
        },
        NcclOnly);

    [MpiFact]
    public void Run_RankThatLeavesInsteadOfSumming_IsNamedAndTheOthersAreFree() => Mpirun.Run(
        3,
        ranks =>
        {
            using RankOnGpu rank = new(ranks, _folder.Path, gpu: ranks.LocalRank, 1000);
            ranks.At(1, "update");
            rank.Fill();
            rank.Mean.Run();
            if (ranks.Rank == 1)
            {
                return;
            }

            RankLossException lost = Assert.Throws<RankLossException>(rank.Mean.Run);
            Assert.Equal("rank 1 of 3 has left the others", lost.What);
            Assert.Equal("its part of 'mean of the gradients' in step 1", lost.Wanted);
        },
        NcclOnly);

    [Theory]
    [InlineData("1/22703 2/22703 3/22703", null)]
    [InlineData("1/22703 0/0", "rank 1 computes on the processor")]
    [InlineData("1/22703 2/0", "rank 1 has no NCCL that can be used")]
    [InlineData("1/22703 2/22703 3/21805", "rank 2 has NCCL 2.18.5, rank 0 2.27.3")]
    [InlineData("1/22703 2/22703 2/22703", "ranks 1 and 2 share a GPU")]
    public void Obstacle_Ranks_SaysWhatIsInTheWay(string ranks, string? expected) => Assert.Equal(expected, RankGpu.Obstacle(
        [.. ranks.Split(' ').Select(rank => rank.Split('/')).Select(parts => new RankGpu(ulong.Parse(parts[0]), long.Parse(parts[1])))]));

    [Fact]
    public void Load_TooOldALibrary_IsRefusedWithBothVersions()
    {
        CloudsException refused = Assert.Throws<CloudsException>(() => StandInNccl.Open(_folder.Path, null!, version: 2804));
        Assert.Equal(("2.8.4", "NCCL 2.10 or newer", Failure.Device), (refused.Found, refused.Wanted, refused.Failure));
    }

    // A rank with an arena on one of its host's two emulated GPUs.
    private sealed class RankOnGpu : IDisposable
    {
        private readonly RankGroup _ranks;
        private readonly Gpu _gpu;
        private readonly ParameterArena _arena;

        public RankOnGpu(RankGroup ranks, string folder, int gpu, long length, int version = 22_703)
        {
            _ranks = ranks;
            Driver = new DriverState([.. Enumerable.Range(0, ranks.Count).Select(_ => new EmulatorSettings())]);
            _gpu = Gpu.Open(CudaDriver.Over(Driver.EntryPoint, "the emulated driver"), gpu);
            _arena = new ParameterArena([("all", [length], 0)], gpu: _gpu);
            Lazy<Nccl> nccl = new(() => StandInNccl.Open(folder, Driver.Devices[gpu], version));
            Mean = new GradientMean(ranks, _arena, Warnings.Add) { Library = () => nccl.Value };
        }

        public DriverState Driver { get; }

        public List<string> Warnings { get; } = [];

        public GradientMean Mean { get; }

        public void Fill()
        {
            Draw(_ranks.Rank, _arena.Span(ArenaPart.Gradients, "all"));
            _arena.OnDevice!.Send(ArenaPart.Gradients);
        }

        public void RequireMean()
        {
            float[] numbers = new float[_arena.Floats], sum = new float[_arena.Floats], mean = new float[_arena.Floats];
            for (int rank = 0; rank < _ranks.Count; rank++)
            {
                Draw(rank, numbers.AsSpan(0, (int)_arena.Slots[0].Length));
                System.Numerics.Tensors.TensorPrimitives.Add(sum, numbers, sum);
            }

            System.Numerics.Tensors.TensorPrimitives.Divide(sum, _ranks.Count, sum);
            _gpu.Stream.Download(_arena.OnDevice![ArenaPart.Gradients], mean);
            Assert.Equal(sum, mean);
        }

        public void Dispose()
        {
            Mean.Dispose();
            _arena.Dispose();
            _gpu.Dispose();
            Driver.Dispose();
        }

        private static void Draw(int rank, Span<float> numbers) => new RandomStream(5, "numbers", 0, rank).Fill(numbers);
    }
}
