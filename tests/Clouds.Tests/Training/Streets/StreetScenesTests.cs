using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Training.Streets;

namespace Clouds.Tests.Training.Streets;

[Kind(TestKind.Fast)]
public sealed class StreetScenesTests
{
    private const int Width = 128;
    private const int Height = 96;

    public static TheoryData<StreetStyle> Styles => [.. Enum.GetValues<StreetStyle>()];

    [Theory]
    [MemberData(nameof(Styles))]
    public void Render_SameArgumentsOnManyThreads_GivesSameBytes(StreetStyle style)
    {
        ulong expected = Digest(StreetScenes.Render(style, 7, 3, Width, Height));
        ulong[] digests = new ulong[4];
        Parallel.For(0, digests.Length, i => digests[i] = Digest(StreetScenes.Render(style, 7, 3, Width, Height)));
        Assert.All(digests, digest => Assert.Equal(expected, digest));
    }

    // Recorded on x64, the same with optimisation, AVX and all intrinsics off; a change of any byte must be made on purpose.
    [Theory]
    [InlineData(StreetStyle.Source, 0x3265FDA465C661ADUL)]
    [InlineData(StreetStyle.Night, 0xD9673CA932D327D2UL)]
    [InlineData(StreetStyle.Fog, 0xD21B275273EA4D1BUL)]
    [InlineData(StreetStyle.Snow, 0x29D21973F11225E6UL)]
    [InlineData(StreetStyle.Rain, 0xB97A970F18AAB317UL)]
    [InlineData(StreetStyle.Other, 0xC696B4F5DCF7FDF4UL)]
    public void Render_FirstSceneOfSeedOne_HasTheRecordedBytes(StreetStyle style, ulong digest) =>
        Assert.Equal($"{digest:X16}", $"{Digest(StreetScenes.Render(style, 1, 0, Width, Height)):X16}");

    [Fact]
    public void Render_OtherSeedOrIndexOrStyle_GivesAnotherScene()
    {
        ulong[] digests =
        [
            LabelDigest(StreetStyle.Source, 1, 0), LabelDigest(StreetStyle.Source, 1, 1),
            LabelDigest(StreetStyle.Source, 2, 0), LabelDigest(StreetStyle.Night, 1, 0),
        ];
        Assert.Equal(digests.Length, digests.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Styles))]
    public void Render_AnyStyle_LabelsAreTrainIdsOrIgnored(StreetStyle style)
    {
        for (int index = 0; index < 12; index++)
        {
            LabelMap labels = StreetScenes.Render(style, 5, index, 64, 64).Labels;
            Assert.All(labels.Ids, id => Assert.True(id <= 18 || id == LabelMap.Ignore, $"id {id}"));
        }
    }

    [Theory]
    [InlineData(64, 64)]
    [InlineData(65, 71)]
    [InlineData(512, 256)]
    public void Render_AnySize_GivesImageAndLabelsOfThatSize(int width, int height)
    {
        (RgbImage image, LabelMap labels) = StreetScenes.Render(StreetStyle.Rain, 1, 2, width, height);
        Assert.Equal((width, height, 3 * width * height), (image.Width, image.Height, image.Pixels.Length));
        Assert.Equal((width, height, width * height), (labels.Width, labels.Height, labels.Ids.Length));
    }

    [Fact]
    public void Render_TwiceTheSize_ShowsTheSameScene()
    {
        // Labels of thin things and of edges may differ; measured agreement over these scenes is 98 % and more.
        for (int index = 0; index < 4; index++)
        {
            LabelMap small = StreetScenes.Render(StreetStyle.Source, 1, index, Width, Height).Labels;
            LabelMap large = StreetScenes.Render(StreetStyle.Source, 1, index, 2 * Width, 2 * Height).Labels;
            int equal = Enumerable.Range(0, Width * Height).Count(i => small.Ids[i] == large.Ids[(4 * Width * (i / Width)) + (2 * (i % Width))]);
            Assert.True(equal > 0.96 * Width * Height, $"scene {index}: {equal} of {Width * Height}");
        }
    }

    [Theory]
    [InlineData(63, 64, 0, "width")]
    [InlineData(64, 5000, 0, "height")]
    [InlineData(64, 64, -1, "index")]
    public void Render_ArgumentOutOfRange_IsAUsageFailureThatNamesIt(int width, int height, int index, string name)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => StreetScenes.Render(StreetStyle.Source, 1, index, width, height));
        Assert.Equal((Failure.Usage, name), (failure.Failure, failure.Where));
    }

    private static ulong LabelDigest(StreetStyle style, ulong seed, int index)
    {
        LabelMap labels = StreetScenes.Render(style, seed, index, 64, 64).Labels;
        return Digest((new RgbImage(1, 1), labels));
    }

    /// <summary>FNV-1a over pixels, then ids.</summary>
    private static ulong Digest((RgbImage Image, LabelMap Labels) scene)
    {
        ulong hash = 14695981039346656037;
        foreach (byte value in scene.Image.Pixels)
        {
            hash = (hash ^ value) * 1099511628211;
        }

        foreach (ushort id in scene.Labels.Ids)
        {
            hash = (hash ^ id) * 1099511628211;
        }

        return hash;
    }
}
