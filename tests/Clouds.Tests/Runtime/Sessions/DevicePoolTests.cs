using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Tests.Runtime.Sessions;

/// <summary>The model of ONNX Runtime's pool; that it is a good one is what the tests of kind gpu measure.</summary>
[Kind(TestKind.Fast)]
public class DevicePoolTests
{
    private const long Mebi = 1 << 20;

    [Fact]
    public void Allocate_PowersOfTwo_EachRegionIsTwiceTheLast()
    {
        DevicePool pool = new(ArenaGrowth.NextPowerOfTwo);
        pool.Allocate(Mebi);
        Assert.Equal(Mebi, pool.Bytes);
        pool.Allocate(Mebi);
        Assert.Equal(3 * Mebi, pool.Bytes);
        pool.Allocate(50 * Mebi);
        Assert.Equal(67 * Mebi, pool.Bytes);
    }

    [Fact]
    public void Allocate_SameAsRequested_TakesWholeUnitsOf256Bytes()
    {
        DevicePool pool = new(ArenaGrowth.SameAsRequested);
        pool.Allocate(1000);
        pool.Allocate(0);
        Assert.Equal(1024 + 256, pool.Bytes);
    }

    [Fact]
    public void Free_NeighboursOfOneRegion_BecomeOnePieceAgain()
    {
        DevicePool pool = new(ArenaGrowth.SameAsRequested);
        pool.Free(pool.Allocate(4 * Mebi));
        DevicePool.Chunk[] quarters = [.. Enumerable.Range(0, 4).Select(_ => pool.Allocate(Mebi))];
        foreach (int i in (int[])[0, 2, 1, 3])
        {
            pool.Free(quarters[i]);
        }

        pool.Allocate(4 * Mebi);
        Assert.Equal(4 * Mebi, pool.Bytes);
    }

    [Fact]
    public void Allocate_SeveralPiecesFit_TakesTheSmallest()
    {
        DevicePool pool = new(ArenaGrowth.SameAsRequested);
        DevicePool.Chunk large = pool.Allocate(9 * Mebi), small = pool.Allocate(2 * Mebi);
        pool.Free(large);
        pool.Free(small);
        Assert.Equal(small, pool.Allocate(2 * Mebi));
        Assert.Equal(large, pool.Allocate(9 * Mebi));
        Assert.Equal(11 * Mebi, pool.Bytes);
    }

    [Fact]
    public void Allocate_PieceLessThanTwiceAsLarge_IsGivenOutWhole()
    {
        DevicePool pool = new(ArenaGrowth.SameAsRequested);
        pool.Free(pool.Allocate(3 * Mebi));
        Assert.Equal(3 * Mebi, pool.Allocate(2 * Mebi).Size);
    }
}
