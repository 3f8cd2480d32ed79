using Clouds.Diagnostics;
using Clouds.Runtime.Devices;

namespace Clouds.Tests.Runtime.Devices;

[Kind(TestKind.Fast)]
public class DeviceNameTests
{
    [Theory]
    [InlineData("auto", DeviceKind.Auto, 0)]
    [InlineData("cpu", DeviceKind.Cpu, 0)]
    [InlineData("cuda", DeviceKind.Cuda, 0)]
    [InlineData("cuda:3", DeviceKind.Cuda, 3)]
    [InlineData("emulated", DeviceKind.Emulated, 0)]
    public void Parse_Name_ReadsWhatItPrints(string text, DeviceKind kind, int ordinal)
    {
        Assert.Equal(new DeviceName(kind, ordinal), DeviceName.Parse(text, "here"));
        Assert.Equal(text, DeviceName.Parse(text, "here").ToString());
        Assert.Equal(DeviceName.Parse(text, "here"), DeviceName.Parse(text.ToUpperInvariant(), "here"));
    }

    [Theory]
    [InlineData("gpu", "cuda")]
    [InlineData("gpu:1", "cuda:1")]
    [InlineData("cuda1", "cuda:1")]
    [InlineData("cuda:-1", "cuda:1")]
    [InlineData("cuda:1:2", "cuda:1")]
    [InlineData("cuba:2", "cuda:2")]
    [InlineData("cpu:1", "cpu")]
    [InlineData("atuo", "auto")]
    [InlineData("cuda:99999999999", null)]
    [InlineData("tpu-pod", null)]
    [InlineData("", null)]
    public void Parse_AnythingElse_IsRefusedWithTheNearestName(string text, string? nearest)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => DeviceName.Parse(text, "the option"));
        Assert.Equal((Failure.Usage, "the option", $"'{text}'"), (failure.Failure, failure.Where, failure.Found));
        Assert.Contains(DeviceName.Choices, failure.Message, StringComparison.Ordinal);
        Assert.Equal(nearest is null ? "choose one of these" : $"did you mean '{nearest}'?", failure.Next);
    }

    [Fact]
    public void Default_IsAuto() => Assert.Equal(DeviceName.Auto, default);
}
