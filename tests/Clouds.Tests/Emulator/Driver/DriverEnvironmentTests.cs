using Clouds.Emulator.Driver;

namespace Clouds.Tests.Emulator.Driver;

[Kind(TestKind.Fast)]
public class DriverEnvironmentTests
{
    [Fact]
    public void Failures_EveryCallOrOneOfThem_AreToldApart()
    {
        using DriverState state = new();
        DriverEnvironment.AddFailures(state, "cuInit=100, cuMemAlloc_v2@3=2");
        Assert.Equal(100, state.Enter("cuInit"));
        Assert.Equal(100, state.Enter("cuInit"));
        Assert.Equal([0, 0, 2, 0], Enumerable.Range(0, 4).Select(_ => state.Enter("cuMemAlloc_v2")));
    }

    [Theory]
    [InlineData("cuInit")]
    [InlineData("cuInit=none")]
    [InlineData("cuNothing=1")]
    [InlineData("cuInit@0=1")]
    [InlineData("cuInit@x=1")]
    [InlineData("cuInit=1=2")]
    public void Failures_NotUnderstood_AreRefusedByName(string text)
    {
        using DriverState state = new();
        Assert.Contains($"{DriverEnvironment.Fail}: '{text}'", Assert.Throws<FormatException>(() => DriverEnvironment.AddFailures(state, text)).Message);
    }
}
