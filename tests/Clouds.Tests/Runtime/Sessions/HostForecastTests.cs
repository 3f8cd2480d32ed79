using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Tests.Runtime.Sessions;

[Kind(TestKind.Fast)]
public sealed class HostForecastTests
{
    private const long Gibi = 1L << 30;

    private readonly List<string> _told = [];

    [Fact]
    public void RequireHost_MoreThanIsFree_IsRefusedWithWhatToChange()
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => Require(new HostMemory(2 * Gibi, 64 * Gibi), accept: false));
        Assert.Equal(Failure.Device, failure.Failure);
        Assert.Equal(("about 3.1 GiB", "take less"), (failure.Found, failure.Next));
        Assert.Contains("2.0 GiB, which are free of 64.0 GiB", failure.Message, StringComparison.Ordinal);
        Assert.Empty(_told);
    }

    [Theory]
    [InlineData(4 * Gibi, false)]
    [InlineData(2 * Gibi, true)]
    public void RequireHost_EnoughOrAccepted_IsTold(long free, bool accept)
    {
        Require(new HostMemory(free, 64 * Gibi), accept);
        Assert.StartsWith("training takes about 3.1 GiB of memory", Assert.Single(_told), StringComparison.Ordinal);
    }

    // 150 MB are the program's. A pool of less than a gigabyte has what was asked for and a tenth; a larger one ONNX Runtime's regions, powers of two.
    [Theory]
    [InlineData(100, 110)]
    [InlineData(900, 990)]
    [InlineData(1200, 2048)]
    public void HostBytes_Session_CountsWhatIsThereAfterAFewRuns(int planned, int foreseen)
    {
        GraphBuilder g = new("step");
        Value x = g.Input("x", ElementType.Float, [planned << 18]);
        g.Output("y", g.ReduceMean(g.Relu(x), 0));
        MemoryForecast forecast = new();
        forecast.AddSession(g, weights: null);
        Assert.Equal(150 + foreseen, forecast.HostBytes >> 20);
    }

    private void Require(HostMemory memory, bool accept)
    {
        MemoryForecast forecast = new();
        forecast.AddBuffer(3 * Gibi);
        forecast.RequireHost(memory, "training", "take less", accept, _told.Add);
    }
}
