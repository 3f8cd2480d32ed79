using Clouds.Diagnostics;
using Clouds.Native.Images;

namespace Clouds.Tests.Native.Images;

[Kind(TestKind.Fast)]
public sealed class LabelPngTests
{
    // Bits, colour type, channels: every combination of the PNG standard.
    public static TheoryData<int, int, int> Formats => new()
    {
        { 1, 0, 1 }, { 2, 0, 1 }, { 4, 0, 1 }, { 8, 0, 1 }, { 16, 0, 1 },
        { 1, 3, 1 }, { 2, 3, 1 }, { 4, 3, 1 }, { 8, 3, 1 },
        { 8, 2, 3 }, { 16, 2, 3 }, { 8, 4, 2 }, { 16, 4, 2 }, { 8, 6, 4 }, { 16, 6, 4 },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public void Decode_EveryFormatAndFilter_GivesFirstChannelAsStored(int bits, int colour, int channels)
    {
        foreach ((int width, int height, bool interlaced) in ((int, int, bool)[])[(37, 11, false), (1, 1, false), (37, 11, true), (3, 2, true), (1, 1, true)])
        {
            PngWriter writer = new(width, height, bits, colour, channels) { Interlaced = interlaced };

            LabelMap map = LabelPng.Decode(writer.Encode(Sample), "made.png", scale: LabelScale.None);

            Assert.Equal((width, height), (map.Width, map.Height));
            Assert.All(map.Ids, (id, i) => Assert.Equal(Sample(i % width, i / width, 0), id));
        }

        // Colour with equal channels; alpha is free.
        int Sample(int x, int y, int channel) => ((x * 7919) + (y * 104729) + (Alpha(channel) ? 31 : 0) + (x * y)) & ((1 << bits) - 1);

        bool Alpha(int channel) => channel % 2 == 1 && channel == channels - 1;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Decode_OneFilterOnWideRows_GivesIds(int filter)
    {
        PngWriter writer = new(259, 40, 8, 0, 1) { Filter = filter };

        LabelMap map = LabelPng.Decode(writer.Encode((x, y, _) => (x * y) & 255), "made.png");

        Assert.All(map.Ids, (id, i) => Assert.Equal((i % 259 * (i / 259)) & 255, id));
    }

    [Fact]
    public void Write_EachForm_ReadsBackAndIsAPngToOthers()
    {
        using TemporaryFolder folder = new();
        LabelMap small = Pictures.Labels(67, 13, 256);
        LabelMap large = Pictures.Labels(67, 13, 65536);

        LabelPng.WriteGray8(folder["gray8.png"], small);
        LabelPng.WriteGray16(folder["gray16.png"], large);
        LabelPng.WritePalette(folder["palette.png"], small, [new RgbColour(128, 64, 128), new RgbColour(1, 2, 3)]);

        Assert.Equal(small.Ids, LabelPng.Read(folder["gray8.png"]).Ids);
        Assert.Equal(large.Ids, LabelPng.Read(folder["gray16.png"]).Ids);
        Assert.Equal(small.Ids, LabelPng.Read(folder["palette.png"]).Ids);
        int first = Array.IndexOf(small.Ids, (ushort)0);
        Assert.Equal([128, 64, 128], ImageFile.Read(folder["palette.png"]).Pixels[(3 * first)..((3 * first) + 3)]);
        Assert.Equal(["gray16.png", "gray8.png", "palette.png"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData(8, 2, 3)]
    [InlineData(16, 2, 3)]
    [InlineData(8, 6, 4)]
    [InlineData(16, 6, 4)]
    public void Decode_ChannelsThatDiffer_IsRefusedWithTheColours(int bits, int colour, int channels)
    {
        byte[] green = new PngWriter(10, 4, bits, colour, channels).Encode((x, _, channel) => channel == 1 && x > 6 ? 200 : 0);
        byte[] blue = new PngWriter(10, 4, bits, colour, channels).Encode((x, y, channel) => channel == 2 && x + y == 0 ? 1 : 0);

        Refused(green, "2 colours: 0,0,0 on 28 pixels; 0,200,0 on 12 pixels");
        Refused(blue, "0,0,1 on 1 pixels");
    }

    [Fact]
    public void Decode_RedIsTheId_ReadsSixteenBitColourOnly()
    {
        byte[] wide = new PngWriter(10, 4, 16, 2, 3).Encode((x, y, channel) => channel == 0 ? x : y);
        byte[] narrow = new PngWriter(10, 4, 8, 2, 3).Encode((x, y, channel) => channel == 0 ? x : y);

        Assert.Equal([0, 1, 2, 3], LabelPng.Decode(wide, "made.png", redIsId: true).Ids[..4].Select(id => (int)id));
        Assert.Throws<CloudsException>(() => LabelPng.Decode(narrow, "made.png", redIsId: true));
    }

    [Theory]
    [InlineData(1, "0 1", "0 255")]
    [InlineData(2, "0 1 3", "0 85 255")]
    [InlineData(4, "0 1 15", "0 17 255")]
    [InlineData(4, "7", "119")]
    public void Decode_GrayBelowEightBits_NeedsToKnowTheScale(int bits, string stored, string full)
    {
        ushort[] numbers = [.. stored.Split(' ').Select(ushort.Parse)];
        foreach (bool interlaced in (bool[])[false, true])
        {
            byte[] file = new PngWriter(37, 11, bits, 0, 1) { Interlaced = interlaced }.Encode((x, y, _) => numbers[(x + y) % numbers.Length]);

            Refused(file, $"{bits} bits a pixel: ids {stored.Replace(" ", ", ")} as stored, {full.Replace(" ", ", ")} at full scale");
            Assert.Equal(stored, Ids(LabelPng.Decode(file, "made.png", scale: LabelScale.None)));
            Assert.Equal(full, Ids(LabelPng.Decode(file, "made.png", scale: LabelScale.Full)));
        }
    }

    [Fact]
    public void Decode_GrayPaletteBelowEightBits_NeedsToKnowTheScale()
    {
        byte[] file = new PngWriter(9, 4, 1, 3, 1) { Palette = [0, 0, 0, 100, 100, 100] }.Encode((x, _, _) => x & 1);

        Refused(file, "1 bits a pixel: ids 0, 1 as stored, 0, 100 at full scale");
        Assert.Equal("0 100", Ids(LabelPng.Decode(file, "made.png", scale: LabelScale.Full)));
    }

    [Fact]
    public void Decode_OneReadingOnly_NeedsNoScale()
    {
        byte[] zeros = new PngWriter(9, 4, 1, 0, 1).Encode((_, _, _) => 0);
        byte[] coloured = new PngWriter(9, 4, 1, 3, 1) { Palette = [0, 0, 0, 0, 200, 0] }.Encode((x, _, _) => x & 1);
        byte[] ramp = new PngWriter(9, 4, 2, 3, 1) { Palette = [0, 0, 0, 1, 1, 1, 2, 2, 2] }.Encode((x, _, _) => x % 3);
        byte[] cut = new PngWriter(9, 4, 2, 3, 1) { Palette = [5, 5, 5] }.Encode((x, _, _) => x % 3);

        Assert.Equal(["0", "0 1", "0 1 2", "0 1 2"], new[] { zeros, coloured, ramp, cut }.Select(file => Ids(LabelPng.Decode(file, "made.png"))));
    }

    [Fact]
    public void WriteGray8_IdAbove255_IsRefused() =>
        Assert.Throws<ArgumentException>(() => LabelPng.EncodeGray8(Pictures.Plain(40, 2, 256)));

    [Fact]
    public void Decode_EveryTruncation_IsRefused()
    {
        byte[] file = LabelPng.EncodeGray8(Pictures.Labels(9, 9, 20));

        Assert.All(Enumerable.Range(0, file.Length), length => Refused(file[..length], ""));
    }

    [Fact]
    public void Decode_EveryFlippedByte_IsRefused()
    {
        byte[] file = LabelPng.EncodeGray8(Pictures.Labels(9, 9, 20));

        Assert.All(Enumerable.Range(0, file.Length), position =>
        {
            byte[] damaged = [.. file];
            damaged[position] ^= 0x10;
            Refused(damaged, "");
        });
    }

    [Fact]
    public void Decode_WrongChecksum_NamesChunk()
    {
        byte[] file = LabelPng.EncodeGray8(Pictures.Labels(9, 9, 20));
        file[^1] ^= 1;

        Refused(file, "IEND");
    }

    [Fact]
    public void Decode_HugeDimensions_IsRefusedBeforeAllocation()
    {
        byte[] tooLarge = new PngWriter(2_000_000_000, 2_000_000_000, 8, 0, 1).Wrap(PngWriter.Compress([0]));
        byte[] fewBytes = new PngWriter(14_000, 14_000, 16, 0, 1).Wrap(PngWriter.Compress([0]));
        long before = GC.GetAllocatedBytesForCurrentThread();

        Refused(tooLarge, "outside the limits");
        Refused(fewBytes, "compressed data for 14000 x 14000");

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
    }

    [Fact]
    public void Decode_ZlibGarbage_IsRefused() =>
        Refused(new PngWriter(9, 9, 8, 0, 1).Wrap([.. Enumerable.Range(0, 200).Select(i => (byte)(i * 37))]), "damaged compressed data");

    [Fact]
    public void Decode_TruncatedCompressedData_IsRefused()
    {
        byte[] stream = PngWriter.Compress([.. Pictures.Labels(91, 90, 256).Ids.Select(id => (byte)(id % 3))]);

        Refused(new PngWriter(90, 90, 8, 0, 1).Wrap(stream[..(stream.Length / 2)]), "compressed data");
    }

    [Fact]
    public void Decode_MorePixelsThanAnnounced_IsRefused() => Refused(new PngWriter(9, 9, 8, 0, 1).Wrap(PngWriter.Compress(new byte[91])), "more pixels");

    [Fact]
    public void Decode_UnknownFilter_IsRefused()
    {
        byte[] rows = new byte[90];
        rows[0] = 5;

        Refused(new PngWriter(9, 9, 8, 0, 1).Wrap(PngWriter.Compress(rows)), "row filter 5 in row 0");
    }

    [Fact]
    public void Decode_BitDepthTheStandardForbids_IsRefused() =>
        Refused(new PngWriter(9, 9, 4, 2, 3).Wrap(PngWriter.Compress(new byte[200])), "bit depth 4, colour type 2");

    [Fact]
    public void Decode_Jpeg_IsRefused() => Refused(ImageFile.EncodeJpeg(Pictures.Gradient(8, 8)), "no PNG signature");

    [Fact]
    public void Read_MissingFile_NamesIt()
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => LabelPng.Read("/nowhere/label.png"));

        Assert.Equal((Failure.BadInput, "/nowhere/label.png"), (failure.Failure, failure.Where));
    }

    private static string Ids(LabelMap map) => string.Join(' ', map.Ids.Distinct().Order());

    private static void Refused(byte[] file, string reason)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => LabelPng.Decode(file, "hostile.png"));
        Assert.Equal((Failure.BadInput, "hostile.png"), (failure.Failure, failure.Where));
        Assert.Contains(reason, failure.Message);
        Assert.NotNull(failure.Next);
    }
}
