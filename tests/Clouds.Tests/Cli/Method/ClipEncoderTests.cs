using Clouds.Cli.Method;
using Clouds.Diagnostics;
using Clouds.Models.Encoders;
using Clouds.Tests.Native.Generation.Store;
using Clouds.Tests.Native.Sam;

namespace Clouds.Tests.Cli.Method;

[Kind(TestKind.Fast)]
public sealed class ClipEncoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_WeightsOfATrainedClip_TellsTheSizesOfItsImageTower()
    {
        ConvNeXtConfig encoder = Assert.IsType<ConvNeXtConfig>(ClipEncoder.Of(TinyClip.Write(_folder["clip"])));
        Assert.Equal([1, 1, 1, 1], encoder.Depths);
        Assert.Equal([8, 8, 8, 16], encoder.Widths);
        Assert.Equal(8, encoder.Embedding);
    }

    [Fact]
    public void Of_WeightsOfSegmentAnything_IsRefused()
    {
        TinySam.Write(_folder["sam.safetensors"]);
        CloudsException failure = Assert.Throws<CloudsException>(() => ClipEncoder.Of(_folder["sam.safetensors"]));
        Assert.Equal(Failure.Weights, failure.Failure);
        Assert.Contains("clouds train clip", failure.Next, StringComparison.Ordinal);
    }
}
