using Clouds.Diagnostics;
using Clouds.Native.Images;
using NetVips;

namespace Clouds.Tests.Native.Images;

[Kind(TestKind.Fast)]
public sealed class ImageFileTests
{
    [Fact]
    public void WritePng_ReadBack_IsEqual()
    {
        using TemporaryFolder folder = new();
        RgbImage image = Pictures.Noise(61, 43);

        ImageFile.WritePng(folder["new/image.png"], image);

        RgbImage read = ImageFile.Read(folder["new/image.png"]);
        Assert.Equal((61, 43), (read.Width, read.Height));
        Assert.Equal(image.Pixels, read.Pixels);
        Assert.Single(Directory.GetFiles(folder["new/"]));
    }

    [Fact]
    public void WriteJpeg_ReadBack_IsNear()
    {
        using TemporaryFolder folder = new();
        RgbImage image = Pictures.Gradient(64, 48);

        ImageFile.WriteJpeg(folder["image.jpg"], image, 95);

        // Quality 95 on a smooth gradient: two quantisation steps of 1 to 3; at most 4 was seen.
        RgbImage read = ImageFile.Read(folder["image.jpg"]);
        Assert.All(image.Pixels, (value, i) => Assert.InRange(read.Pixels[i], value - 6, value + 6));
    }

    [Theory]
    [InlineData(8, 0, 1)]
    [InlineData(1, 0, 1)]
    [InlineData(16, 0, 1)]
    [InlineData(8, 4, 2)]
    [InlineData(8, 6, 4)]
    [InlineData(16, 2, 3)]
    [InlineData(16, 6, 4)]
    public void Decode_GrayAlphaOr16Bit_BecomesEightBitRgb(int bits, int colour, int channels)
    {
        byte[] file = new PngWriter(9, 7, bits, colour, channels).Encode((x, y, c) => Sample(x, y, c) >> (16 - bits));

        RgbImage image = ImageFile.Decode(file, "made.png");

        for (int i = 0; i < image.Pixels.Length; i++)
        {
            int channel = channels < 3 ? 0 : i % 3;
            int value = Sample(i / 3 % 9, i / 27, channel) >> 8;
            Assert.Equal(bits == 1 ? (value >> 7) * 255 : value, image.Pixels[i]);
        }

        int Sample(int x, int y, int channel) => ((x * 7919) + (y * 4001) + (channel * 1234)) & 65535;
    }

    [Theory]
    [InlineData(1, 3, 2)]
    [InlineData(3, 3, 2)]
    [InlineData(6, 2, 3)]
    [InlineData(8, 2, 3)]
    public void Decode_ExifOrientation_IsApplied(byte orientation, int width, int height)
    {
        RgbImage image = new(48, 32);
        image.Pixels.AsSpan(0, 3 * 48 * 8).Fill(255);
        byte[] file = Jpegs.WithOrientation(ImageFile.EncodeJpeg(image), orientation);

        RgbImage upright = ImageFile.Decode(file, "turned.jpg");

        Assert.Equal((width * 16, height * 16), (upright.Width, upright.Height));
        (int x, int y) bright = orientation switch { 1 => (24, 2), 3 => (24, 29), 6 => (29, 24), _ => (2, 24) };
        Assert.True(upright.Pixels[3 * ((bright.y * upright.Width) + bright.x)] > 200);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.7)]
    [InlineData(0.97)]
    public void Decode_TruncatedFile_IsRefusedWithTheReason(double share)
    {
        RgbImage image = Pictures.Noise(160, 120);
        foreach (byte[] file in (byte[][])[ImageFile.EncodeJpeg(image), ImageFile.EncodePng(image)])
        {
            Refused(file[..(int)(share * file.Length)], "libvips: ");
        }
    }

    [Fact]
    public void Decode_DamagedPng_IsRefused()
    {
        byte[] file = ImageFile.EncodePng(Pictures.Noise(160, 120));
        file[file.Length / 2] ^= 0x40;

        Refused(file, "libvips: ");
    }

    [Fact]
    public void Decode_TextOrSvg_IsRefused()
    {
        Refused("this is no picture, and long enough to be one"u8.ToArray(), "libvips: ");
        Refused("<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'><rect width='5' height='5'/></svg>"u8.ToArray(), "libvips: ");
    }

    [Fact]
    public void Decode_JpegWithStrayBytes_IsReadAndWarnsOnceWithItsName()
    {
        RgbImage image = Pictures.Gradient(64, 48);
        byte[] clean = ImageFile.EncodeJpeg(image);
        List<string> heard = [];

        RgbImage read = ImageFile.Decode(Jpegs.WithStrayBytes(clean), "stray.jpg", heard.Add);

        Assert.Equal(ImageFile.Decode(clean, "clean.jpg", sentence => Assert.Fail(sentence)).Pixels, read.Pixels);
        Assert.Contains("3 extraneous bytes", Assert.Single(heard));
        Assert.StartsWith("stray.jpg: ", heard[0]);
    }

    [Fact]
    public void Decode_JpegCutAndClosedOrZeroedInside_IsReadAndComplains()
    {
        byte[] smooth = ImageFile.EncodeJpeg(Pictures.Gradient(160, 120));
        foreach (byte[] damaged in (byte[][])[Jpegs.CutAndClosed(smooth), Jpegs.Zeroed(smooth)])
        {
            List<string> heard = [];
            ImageFile.Decode(damaged, "damaged.jpg", heard.Add);
            Assert.Contains(heard, sentence => sentence.Contains("Corrupt JPEG data", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Decode_JpegWithZerosThatItsCodesUseUp_IsReadAndComplains()
    {
        byte[] clean = ImageFile.EncodeJpeg(Pictures.Noise(160, 120));
        List<string> heard = [];

        ImageFile.Decode(Jpegs.Zeroed(clean), "zeroed.jpg", heard.Add);
        ImageFile.Decode([.. clean, .. new byte[500]], "padded.jpg", heard.Add);
        ImageFile.Decode(ImageFile.EncodeJpeg(new RgbImage(320, 240)), "black.jpg", heard.Add);

        Assert.StartsWith("zeroed.jpg: read, but ", Assert.Single(heard));
    }

    [Fact]
    public void Decode_StrayBytesOnManyThreads_GivesEachFileItsOwnWarnings()
    {
        byte[] file = Jpegs.WithStrayBytes(ImageFile.EncodeJpeg(Pictures.Noise(64, 48)));

        Parallel.For(0, 32, i => ImageFile.Decode(file, $"{i}.jpg", sentence => Assert.StartsWith($"{i}.jpg: ", sentence)));
    }

    [Fact]
    public void Decode_HugeDimensions_IsRefusedByTheHeader() =>
        Refused(new PngWriter(30_000, 30_000, 8, 2, 3).Wrap(PngWriter.Compress([0])), "30000 x 30000");

    [Theory]
    [InlineData(".jpg")]
    [InlineData(".png")]
    [InlineData(".webp")]
    [InlineData(".webp[lossless=true]")]
    [InlineData(".tif")]
    [InlineData(".tif[bigtiff=true]")]
    [InlineData(".tif[compression=deflate]")]
    [InlineData(".tif[compression=lzw]")]
    [InlineData(".tif[compression=packbits]")]
    [InlineData(".tif[compression=jpeg]")]
    [InlineData(".tif[compression=ccittfax4,bitdepth=1]")]
    public void Decode_FewBytesThatDeclareAHugeSize_AreRefusedBeforeMemoryIsTaken(string format)
    {
        byte[] file = DeclaredSizes.With(format, 12_000, 16_000);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Refused(file, "the image's bytes cannot hold its size");

        Assert.InRange(file.Length, 1, 20_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Theory]
    [InlineData(".jpg")]
    [InlineData(".png")]
    [InlineData(".webp")]
    [InlineData(".webp[lossless=true]")]
    [InlineData(".tif")]
    [InlineData(".tif[tile=true]")]
    [InlineData(".tif[bigtiff=true]")]
    [InlineData(".tif[compression=deflate]")]
    [InlineData(".tif[compression=lzw]")]
    [InlineData(".tif[compression=packbits]")]
    [InlineData(".tif[compression=jpeg]")]
    [InlineData(".tif[compression=ccittfax4,bitdepth=1]")]
    public void Decode_OneColourThatCompressesAsFarAsItCan_IsRead(string format)
    {
        RgbImage image = ImageFile.Decode(DeclaredSizes.Black(format, 3000, 2000), "black");

        Assert.Equal((3000, 2000), (image.Width, image.Height));
        Assert.InRange(image.Pixels.Max(), 0, 2);
    }

    [Fact]
    public void Decode_TiffWithTilesFarLargerThanItself_IsRefused()
        => Refused(DeclaredSizes.TiffWithTiles(64, 16_384), "libvips: ");

    [Theory]
    [InlineData(Enums.BandFormat.Float, 1)]
    [InlineData(Enums.BandFormat.Float, 3)]
    [InlineData(Enums.BandFormat.Int, 1)]
    [InlineData(Enums.BandFormat.Int, 3)]
    [InlineData(Enums.BandFormat.Uint, 1)]
    [InlineData(Enums.BandFormat.Short, 1)]
    [InlineData(Enums.BandFormat.Char, 1)]
    public void Decode_SamplesOfNoPhotograph_AreRefusedWithTheirType(Enums.BandFormat format, int bands)
        => Refused(DeclaredSizes.TiffOf(format, bands), $"{bands} samples a pixel of type {format.ToString().ToLowerInvariant()}");

    [Fact]
    public void Read_MissingOrEmptyFile_IsRefused()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["empty.jpg"], []);

        Assert.Contains("does not exist", Assert.Throws<CloudsException>(() => ImageFile.Read(folder["none.jpg"])).Message);
        Assert.Contains("0 bytes", Assert.Throws<CloudsException>(() => ImageFile.Read(folder["empty.jpg"])).Message);
    }

    [Fact]
    public void WritePng_FolderIsAFile_IsAnOutputFailure()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["file"], [1]);

        CloudsException failure =
            Assert.Throws<CloudsException>(() => ImageFile.WritePng(Path.Combine(folder.Path, "file", "image.png"), Pictures.Noise(4, 4)));

        Assert.Equal(Failure.Output, failure.Failure);
    }

    [Fact]
    public void Decode_ManyThreads_GivesEqualPixels()
    {
        RgbImage image = Pictures.Noise(80, 60);
        byte[] file = ImageFile.EncodePng(image);

        Parallel.For(0, 32, _ => Assert.Equal(image.Pixels, ImageFile.Decode(file, "shared.png").Pixels));
    }

    private static void Refused(byte[] file, string reason)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => ImageFile.Decode(file, "bad.img"));
        Assert.Equal((Failure.BadInput, "bad.img"), (failure.Failure, failure.Where));
        Assert.Contains(reason, failure.Message);
        Assert.NotNull(failure.Next);
    }
}
