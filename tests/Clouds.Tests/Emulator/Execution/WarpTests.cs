using Clouds.Emulator;

namespace Clouds.Tests.Emulator.Execution;

[Kind(TestKind.Emulated)]
public class WarpTests
{
    [Theory]
    [InlineData("up", "3, 0", new uint[] { 0, 1, 2, 0, 1, 2, 3 })]
    [InlineData("down", "30, 31", new uint[] { 30, 31, 2, 3 })]
    [InlineData("bfly", "1, 31", new uint[] { 1, 0, 3, 2 })]
    [InlineData("idx", "5, 31", new uint[] { 5, 5, 5 })]
    [InlineData("idx", "1, 0x1C1F", new uint[] { 1, 1, 1, 1, 5, 5 })]
    public void Shuffle_ReadsTheLaneOfTheManual(string mode, string operands, uint[] first)
    {
        ulong[] found = PtxRun.Run(PtxRun.Kernel($"shfl.sync.{mode}.b32 %r5|%p1, %r1, {operands}, -1; st.global.u32 [%rd1], %r5;"));
        Assert.Equal(first.Select(value => (ulong)value), found.Take(first.Length));
    }

    [Theory]
    [InlineData("setp.lt.u32 %p1, %r1, 5; vote.sync.ballot.b32 %r5, %p1, -1;", 31u)]
    [InlineData("setp.lt.u32 %p1, %r1, 5; vote.sync.any.pred %p2, %p1, -1; selp.u32 %r5, 1, 0, %p2;", 1u)]
    [InlineData("setp.lt.u32 %p1, %r1, 5; vote.sync.all.pred %p2, %p1, -1; selp.u32 %r5, 1, 0, %p2;", 0u)]
    [InlineData("shr.u32 %r6, %r1, 3; match.any.sync.b32 %r5, %r6, -1;", 0xFFu)]
    [InlineData("redux.sync.add.u32 %r5, %r1, -1;", 496u)]
    [InlineData("redux.sync.max.s32 %r5, %r1, -1;", 31u)]
    [InlineData("activemask.b32 %r5;", 0xFFFFFFFFu)]
    [InlineData("mov.u32 %r5, %lanemask_lt;", 0u)]
    [InlineData("mov.u32 %r5, %lanemask_ge;", 0xFFFFFFFFu)]
    public void Vote_CountsEveryLane(string code, uint ofLaneZero)
        => Assert.Equal(ofLaneZero, (uint)PtxRun.Run(PtxRun.Kernel(code + " st.global.u32 [%rd1], %r5;"))[0]);

    [Fact]
    public void Branch_BothSides_ReconvergeBeforeTheShuffle()
    {
        const string Body = """
            and.b32 %r5, %r1, 1; setp.eq.s32 %p1, %r5, 0;
            @%p1 bra EVEN;
            mov.u32 %r6, 100; bra.uni JOIN;
            EVEN: mov.u32 %r6, 200;
            JOIN: shfl.sync.bfly.b32 %r7, %r6, 1, 31, -1;
            st.global.u32 [%rd1], %r7;
            """;
        using EmulatedDevice device = new();
        ulong[] found = PtxRun.Run(device, PtxRun.Kernel(Body));
        Assert.Equal([100ul, 200, 100, 200], found.Take(4));
        Assert.Equal(1, device.Counters["k"].Divergences);
    }

    [Fact]
    public void Loop_LanesLeaveOneByOne_EachCountsItsOwnTurns()
    {
        const string Body = """
            mov.u32 %r5, 0;
            TURN: add.s32 %r5, %r5, 1; setp.le.u32 %p1, %r5, %r1;
            @%p1 bra TURN;
            st.global.u32 [%rd1], %r5;
            """;
        Assert.Equal(Enumerable.Range(1, 32).Select(i => (ulong)i), PtxRun.Run(PtxRun.Kernel(Body)));
    }

    [Fact]
    public void SpinLock_WithinAWarp_MakesProgress()
    {
        // Each lane takes the lock at element 40, adds one to element 41 and gives the lock back.
        const string Body = """
            AGAIN: atom.global.cas.b32 %r5, [%rd3+320], 0, 1; setp.ne.s32 %p1, %r5, 0;
            @%p1 bra AGAIN;
            ld.volatile.global.u32 %r6, [%rd3+328]; add.s32 %r6, %r6, 1; st.volatile.global.u32 [%rd3+328], %r6;
            atom.global.exch.b32 %r7, [%rd3+320], 0;
            """;
        for (ulong seed = 1; seed <= 5; seed++)
        {
            Assert.Equal(64ul, PtxRun.Run(
                PtxRun.Kernel(Body), blocks: 2, settings: new EmulatorSettings { Seed = seed, InstructionLimit = 10_000_000 }, before: new ulong[64])[41]);
        }
    }

    [Fact]
    public void Guard_PartOfTheLanes_LeavesTheOthersAlone()
        => Assert.Equal([7ul, 7, 0, 0], PtxRun.Run(PtxRun.Kernel("setp.lt.u32 %p1, %r1, 2; @%p1 st.global.u32 [%rd1], 7;")).Take(4));

    [Fact]
    public void Scope_InnerRegister_HidesTheOuterOne()
        => Assert.Equal(5ul, PtxRun.One("mov.u32 %r5, 5; { .reg .b32 %r5; mov.u32 %r5, 9; } st.global.u32 [%rd1], %r5;"));
}
