using Clouds.Diagnostics;
using Clouds.Models.Encoders;
using Clouds.Tests.Native.Generation.Store;
using Clouds.Tests.Native.Sam;
using Clouds.Training.SourceTraining;

namespace Clouds.Tests.Training.SourceTraining;

[Kind(TestKind.Fast)]
public sealed class EncoderFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Sizes_WeightsOfATrainedClip_TellsTheSizesOfItsImageTower()
    {
        ConvNeXtConfig encoder = Assert.IsType<ConvNeXtConfig>(EncoderFile.Sizes(TinyClip.Write(_folder["clip"])));
        Assert.Equal([1, 1, 1, 1], encoder.Depths);
        Assert.Equal([8, 8, 8, 16], encoder.Widths);
        Assert.Equal(8, encoder.Embedding);
    }

    [Fact]
    public void Sizes_WeightsOfSegmentAnything_IsRefused()
    {
        TinySam.Write(_folder["sam.safetensors"]);
        CloudsException failure = Assert.Throws<CloudsException>(() => EncoderFile.Sizes(_folder["sam.safetensors"]));
        Assert.Equal(Failure.Weights, failure.Failure);
        Assert.Contains("train clip", failure.Next, StringComparison.Ordinal);
    }
}
