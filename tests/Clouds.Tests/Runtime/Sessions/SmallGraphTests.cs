using Clouds.Diagnostics;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Tests.Runtime.Sessions;

[Kind(TestKind.Fast)]
public sealed class SmallGraphTests
{
    private static readonly double[] Found = SmallGraph.Expected(
        [.. Enumerable.Range(0, 32).Select(i => i % 3f)],
        [.. Enumerable.Range(0, 54).Select(i => i % 2f)],
        [.. Enumerable.Range(0, 80).Select(i => i % 9 / 64f)]);

    [Fact]
    public void Run_OnTheProcessor_GivesTheNumbersOfPlainLoops() => Assert.Null(Record.Exception(() => SmallGraph.Run(Device.Cpu)));

    [Fact]
    public void Expected_RowsOfProbabilities_SumToOneAndDiffer()
    {
        Assert.All(Found.Chunk(5), row => Assert.Equal(1, row.Sum(), 1e-12));
        Assert.True(Found.Max() > 2 * Found.Min());
    }

    [Theory]
    [InlineData(0.9e-3f, false)]
    [InlineData(1.1e-3f, true)]
    [InlineData(float.NaN, true)]
    public void Compare_OneNumberIsOff_NamesIt(float error, bool fails)
    {
        float[] found = [.. Found.Select(value => (float)value)];
        found[7] += error;
        if (!fails)
        {
            SmallGraph.Compare(Device.Cpu, found, Found);
            return;
        }

        CloudsException failure = Assert.Throws<CloudsException>(() => SmallGraph.Compare(Device.Cpu, found, Found));
        Assert.StartsWith("a graph with Conv, MatMul and Softmax computed wrong: ", failure.What);
        Assert.EndsWith(" at [7]", failure.What);
    }
}
