using System.IO.Hashing;
using System.Runtime.InteropServices;
using Clouds.Native.Images;
using Clouds.Tests.Runtime.Sessions;
using Clouds.Tests.Training.Datasets;
using Clouds.Training.Augmentation;
using Clouds.Training.Engine;
using Clouds.Training.Sources;
using Clouds.Training.SourceTraining;
using Clouds.Training.Streets;

namespace Clouds.Tests.Training.SourceTraining;

[Kind(TestKind.Fast)]
public sealed class SampleStreamTests
{
    // Three epochs and a bit of 7 samples: the order is drawn anew while workers are in two epochs at once.
    private const int Positions = 24;

    private static readonly SourceTrainingConfig Config = new()
    {
        Batch = 3,
        Augmentation = new AugmentationConfig { FrameShortSide = 64, CropWidth = 64, CropHeight = 64 },
    };

    private static readonly string[] Expected = [.. Digests(new SampleStream(new StreetDataset(Streets), Config).Make)];

    private static StreetDatasetConfig Streets => new() { Count = 7, Width = 96, Height = 64 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void Make_OnAnyNumberOfWorkersBesideABusyOne_GivesTheSameBits(int workers)
    {
        using BusyProcessor busy = new();
        for (int round = 0; round < 20; round++)
        {
            using Prefetch<(RgbImage, LabelMap)> samples = new(
                new SampleStream(new StreetDataset(Streets), Config).Make, Positions, workers, ahead: 2 * Config.Batch);
            Assert.Equal(Expected, Digests(position => samples.Take(position)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void Make_OfFilesOnAnyNumberOfWorkers_GivesTheSameBits(int workers)
    {
        using BusyProcessor busy = new();
        using FolderSet folder = new();
        File.WriteAllBytes(folder["images/a.png"], ImageFile.EncodeJpeg(Pictures.Noise(6, 4)));
        SampleStream stream = new(DatasetSource.Open(folder.Json()), Config);
        string[] expected = [.. Digests(stream.Make)];
        for (int round = 0; round < 20; round++)
        {
            using Prefetch<(RgbImage, LabelMap)> samples = new(stream.Make, Positions, workers, ahead: 2 * Config.Batch);
            Assert.Equal(expected, Digests(position => samples.Take(position)));
        }
    }

    [Fact]
    public void Make_SampleOfALaterEpoch_IsAugmentedInAnotherWay() => Assert.Equal(Positions, Expected.Distinct().Count());

    private static IEnumerable<string> Digests(Func<long, (RgbImage Image, LabelMap Labels)> make) => Enumerable.Range(0, Positions).Select(position =>
    {
        (RgbImage image, LabelMap labels) = make(position);
        return $"{XxHash3.HashToUInt64(image.Pixels):x} {XxHash3.HashToUInt64(MemoryMarshal.AsBytes<ushort>(labels.Ids)):x}";
    });
}
