using Clouds.Emulator;
using Clouds.Emulator.Execution;

namespace Clouds.Tests.Emulator.Execution;

[Kind(TestKind.Emulated)]
public class BlockTests
{
    private const string Shared = ".shared .align 4 .b8 cells[1024];";

    // Every thread writes its own cell and reads the one at the other end of the block.
    private const string Exchange = """
        mov.u64 %rd5, cells; mul.wide.u32 %rd6, %r1, 4; add.s64 %rd7, %rd5, %rd6;
        st.shared.u32 [%rd7], %r1;
        bar.sync 0;
        sub.s32 %r5, 255, %r1; mul.wide.u32 %rd8, %r5, 4; add.s64 %rd9, %rd5, %rd8;
        ld.shared.u32 %r6, [%rd9];
        st.global.u32 [%rd1], %r6;
        """;

    [Fact]
    public void Barrier_AnySchedule_OrdersTheBlock()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            EmulatorSettings settings = new() { Seed = seed, DetectRaces = true, ResidentBlocks = 3 };
            ulong[] found = PtxRun.Run(PtxRun.Kernel(Exchange, Shared), blocks: 5, threads: 256, settings);
            Assert.Equal(Enumerable.Range(0, 1280).Select(i => (ulong)(255 - (i % 256))), found);
        }
    }

    [Fact]
    public void BarrierDeleted_RaceDetectorOrPoison_FindsIt()
    {
        string ptx = PtxRun.Kernel(Exchange, Shared).Replace("bar.sync 0;", "");
        for (ulong seed = 1; seed <= 20; seed++)
        {
            FaultKind kind = PtxRun.Fault(ptx, threads: 256, settings: new EmulatorSettings { Seed = seed, DetectRaces = true });
            Assert.True(kind is FaultKind.Race or FaultKind.Uninitialised, kind.ToString());
        }
    }

    [Theory]
    [InlineData("bar.red.popc.u32 %r5, 0, %p1;", 100u)]
    [InlineData("bar.red.and.pred %p2, 0, %p1; selp.u32 %r5, 1, 0, %p2;", 0u)]
    [InlineData("bar.red.or.pred %p2, 0, %p1; selp.u32 %r5, 1, 0, %p2;", 1u)]
    public void ReducingBarrier_CountsTheWholeBlock(string code, uint expected)
    {
        ulong[] found = PtxRun.Run(PtxRun.Kernel($"setp.lt.u32 %p1, %r1, 100; {code} st.global.u32 [%rd1], %r5;"), threads: 160);
        Assert.All(found, value => Assert.Equal(expected, (uint)value));
    }

    [Fact]
    public void Barrier_WarpsThatEnded_AreNotWaitedFor()
        => Assert.Equal(1ul, PtxRun.Run(PtxRun.Kernel("setp.ge.u32 %p1, %r1, 32; @%p1 ret; bar.sync 0; st.global.u32 [%rd1], 1;"), threads: 96)[0]);

    [Fact]
    public void Barrier_BehindADivergentBranch_WaitsForTheLanesLaidOutBehindIt()
    {
        // The code of odd lanes lies behind the barrier: lowest address first alone would reach it without them.
        const string Body = """
            mov.u64 %rd5, cells; mul.wide.u32 %rd6, %r1, 4; add.s64 %rd7, %rd5, %rd6;
            and.b32 %r5, %r1, 1; setp.ne.s32 %p1, %r5, 0;
            @%p1 bra ODD;
            st.shared.u32 [%rd7], 1;
            MEET: bar.sync 0;
            ld.shared.u32 %r6, [%rd5+4];
            st.global.u32 [%rd1], %r6;
            ret;
            ODD: st.shared.u32 [%rd7], 2; bra.uni MEET;
            """;
        Assert.All(PtxRun.Run(PtxRun.Kernel(Body, Shared), threads: 64), value => Assert.Equal(2ul, value));
    }

    [Theory]
    [InlineData("add.u32", 1ul, 1024ul)]
    [InlineData("max.u32", 1ul, 1ul)]
    [InlineData("inc.u32", 99ul, 24ul)]
    [InlineData("or.b32", 6ul, 6ul)]
    public void Atomic_AllThreads_CountOnce(string form, ulong operand, ulong expected)
        => Assert.Equal(expected,
            PtxRun.Run(PtxRun.Kernel($"atom.global.{form} %r5, [%rd3], {operand};"), blocks: 4, threads: 256, new EmulatorSettings { DetectRaces = true })[0]);

    [Fact]
    public void AtomicWeakened_IsARace()
        => Assert.Equal(FaultKind.Race, PtxRun.Fault(PtxRun.Kernel("ld.global.u32 %r5, [%rd3]; add.s32 %r5, %r5, 1; st.global.u32 [%rd3], %r5;"),
            blocks: 2, settings: new EmulatorSettings { DetectRaces = true }));

    [Fact]
    public void WarpSync_OrdersTheWarpOnlyAndShufflesOrderNothing()
    {
        const string Body = """
            mov.u64 %rd5, cells; mul.wide.u32 %rd6, %r1, 4; add.s64 %rd7, %rd5, %rd6;
            st.shared.u32 [%rd7], %r1;
            bar.warp.sync -1;
            xor.b64 %rd8, %rd6, MASK; add.s64 %rd9, %rd5, %rd8;
            ld.shared.u32 %r6, [%rd9];
            st.global.u32 [%rd1], %r6;
            """;
        EmulatorSettings settings = new() { DetectRaces = true };
        string within = PtxRun.Kernel(Body.Replace("MASK", "4"), Shared);
        Assert.Equal(1ul, PtxRun.Run(within, threads: 64, settings: settings)[0]);
        Assert.Equal(FaultKind.Race, PtxRun.Fault(within.Replace("bar.warp.sync -1;", ""), threads: 64, settings: settings));
        Assert.Equal(
            FaultKind.Race, PtxRun.Fault(within.Replace("bar.warp.sync -1;", "shfl.sync.bfly.b32 %r5, %r1, 1, 31, -1;"), threads: 64, settings: settings));
        FaultKind across = PtxRun.Fault(PtxRun.Kernel(Body.Replace("MASK", "128"), Shared), threads: 64, settings: settings);
        Assert.True(across is FaultKind.Race or FaultKind.Uninitialised, across.ToString());
    }

    [Theory]
    [InlineData("ld.shared.u32 %r5, [%rd5]; bar.warp.sync -1; @%p1 st.shared.u32 [%rd5], 2;")]
    [InlineData("atom.shared.add.u32 %r5, [%rd5], 1; bar.warp.sync -1; @%p1 ld.shared.u32 %r6, [%rd5];")]
    public void SeveralWarps_ThatReadOrAddInOnePhase_AllCountInTheRaceDetector(string accesses)
    {
        // Whichever warp comes last, the other one's access is unordered with the last.
        string ptx = PtxRun.Kernel($"mov.u64 %rd5, cells; setp.eq.s32 %p1, %r1, 0; @%p1 st.shared.u32 [%rd5], 1; bar.sync 0; {accesses}", Shared);
        for (ulong seed = 1; seed <= 20; seed++)
        {
            EmulatorSettings settings = new() { Seed = seed, DetectRaces = true };
            Assert.Equal(FaultKind.Race, PtxRun.Fault(ptx, threads: 96, settings: settings));
            PtxRun.Run(ptx.Replace("bar.warp.sync -1;", "bar.sync 0;"), threads: 96, settings: settings);
        }
    }

    [Theory]
    [InlineData("st.global.u32 [%rd3+512], 1;", FaultKind.OutOfBounds)]
    [InlineData("ld.global.u32 %r5, [%rd3+-4];", FaultKind.OutOfBounds)]
    [InlineData("mov.u64 %rd5, 0; ld.global.u32 %r5, [%rd5];", FaultKind.OutOfBounds)]
    [InlineData("st.global.u32 [%rd3+2], 1;", FaultKind.Misaligned)]
    [InlineData("ld.global.v2.u64 {%rd5, %rd6}, [%rd3+8];", FaultKind.Misaligned)]
    [InlineData("mov.u64 %rd5, cells; ld.shared.u32 %r5, [%rd5+1024];", FaultKind.OutOfBounds)]
    [InlineData("mov.u64 %rd5, cells; ld.shared.u32 %r5, [%rd5+8];", FaultKind.Uninitialised)]
    [InlineData("trap;", FaultKind.Trap)]
    [InlineData("setp.eq.s32 %p1, %r1, 0; @%p1 bar.sync 0;", FaultKind.Deadlock)]
    [InlineData("setp.eq.s32 %p1, %r1, 0; @%p1 bar.warp.sync -1;", FaultKind.Deadlock)]
    [InlineData("shfl.sync.idx.b32 %r5, %r1, 20, 31, 0xFFFF;", FaultKind.WarpSync)]
    [InlineData("FOREVER: bra.uni FOREVER;", FaultKind.Timeout)]
    public void Defect_IsNamed(string body, FaultKind expected)
        => Assert.Equal(expected, PtxRun.Fault(PtxRun.Kernel(body, Shared), settings: new EmulatorSettings { InstructionLimit = 100_000 }));

    [Fact]
    public void Counters_CountSectorsAndBankPasses()
    {
        // Lanes 8 bytes apart touch 8 sectors; shared cells 128 bytes apart lie in one bank, all lanes on one cell are a broadcast.
        const string Body = """
            st.global.u64 [%rd1], 1;
            mov.u64 %rd5, cells; and.b32 %r5, %r1, 7; mul.wide.u32 %rd6, %r5, 128; add.s64 %rd7, %rd5, %rd6;
            setp.lt.u32 %p1, %r1, 8;
            @%p1 st.shared.u32 [%rd7], 5;
            bar.warp.sync -1;
            ld.shared.u32 %r6, [%rd5];
            """;
        using EmulatedDevice device = new();
        PtxRun.Run(device, PtxRun.Kernel(Body, Shared));
        LaunchCounters counters = device.Counters["k"];
        Assert.Equal(8, counters.Sectors);
        Assert.Equal(2, counters.SharedRequests);
        Assert.Equal(9, counters.BankPasses);
    }

    [Fact]
    public void FreedMemory_IsOutOfBounds()
    {
        using EmulatedDevice device = new();
        ulong address = device.Allocate(64);
        Assert.True(device.Free(address));
        Assert.False(device.Free(address));
        Assert.Throws<EmulatorFault>(() => device.Write<uint>(address, [1]));
        Assert.Equal(0, device.MemoryUsed);
    }
}
