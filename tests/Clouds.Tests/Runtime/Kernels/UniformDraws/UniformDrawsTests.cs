using Clouds.Graph.Randomness;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public class UniformDrawsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Run_SegmentsOfOneStream_AreItsDrawsInOrder(int threads)
    {
        RandomStream stream = new(5, "points", 7, 1);
        float[] expected = new float[100];
        stream.Fill(expected);
        Pinned<float> memory = new(new float[110]);

        UniformDraws.Run([new(2, 41, 0, stream.Key), new(50, 59, 41, stream.Key)], memory.Span, threads);

        Assert.Equal(expected[..41], memory.Values[2..43]);
        Assert.Equal(expected[41..], memory.Values[50..109]);
        Assert.Equal(new float[7], memory.Values[43..50]);
    }

    [Fact]
    public void Run_SegmentOutsideTheMemory_IsRefusedBeforeAnythingIsWritten()
    {
        Pinned<float> memory = new(new float[10]);
        Assert.Throws<ArgumentOutOfRangeException>(() => UniformDraws.Run([new(0, 4, 0, default), new(8, 3, 0, default)], memory.Span, threads: 1));
        Assert.Equal(new float[10], memory.Values);
    }

    [Fact]
    public void Key_OpensTheSameStream()
    {
        RandomStream stream = new(5, "points", 1L << 40, 3) { Position = 6 };
        RandomStream again = new(stream.Key) { Position = 6 };
        Assert.Equal(stream.NextUInt32(), again.NextUInt32());
    }
}
