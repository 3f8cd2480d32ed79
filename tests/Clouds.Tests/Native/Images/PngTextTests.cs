using System.IO.Compression;
using System.Text;
using Clouds.Diagnostics;
using Clouds.Native.Images;

namespace Clouds.Tests.Native.Images;

/// <summary>Texts in PNG files.</summary>
[Kind(TestKind.Fast)]
public sealed class PngTextTests
{
    private const string Text = "{\"prompt\":\"a photo of a \\\"tram\\\" in Zürich, 雪 ☃\"}";
    private static readonly RgbImage Image = Pictures.Noise(20, 10);

    [Fact]
    public void With_AnyText_IsFoundAndLeavesThePixels()
    {
        byte[] file = PngText.With(ImageFile.EncodePng(Image), "clouds", Text);

        Assert.Equal(Text, PngText.Find(file, "clouds", "a.png"));
        Assert.Null(PngText.Find(file, "other", "a.png"));
        Assert.Equal(Image.Pixels, ImageFile.Decode(file).Pixels);
    }

    [Theory]
    [InlineData("tEXt")]
    [InlineData("zTXt")]
    [InlineData("iTXt")]
    [InlineData("iTXt compressed")]
    [InlineData("iTXt with language")]
    public void Find_WhateverKindAnotherProgramMadeOfIt_ReadsIt(string kind)
    {
        byte[] zip = Deflate(Encoding.UTF8.GetBytes("a text"));
        byte[] body = kind switch
        {
            "tEXt" => [.. "clouds\0a text"u8],
            "zTXt" => [.. "clouds\0\0"u8, .. zip],
            "iTXt" => [.. "clouds\0\0\0\0\0a text"u8],
            "iTXt compressed" => [.. "clouds\0\u0001\0\0\0"u8, .. zip],
            _ => [.. "clouds\0\0\0de-CH\0wolken\0a text"u8],
        };

        Assert.Equal("a text", PngText.Find(Inserted(kind[..4], body), "clouds", "a.png"));
    }

    [Theory]
    [InlineData("zTXt")]
    [InlineData("iTXt")]
    public void Find_DamagedCompression_IsBadInput(string kind)
    {
        byte[] body = kind == "zTXt" ? [.. "clouds\0\0no stream"u8] : [.. "clouds\0\u0001\0\0\0no stream"u8];

        Assert.Equal(Failure.BadInput, Assert.Throws<CloudsException>(() => PngText.Find(Inserted(kind, body), "clouds", "a.png")).Failure);
    }

    [Fact]
    public void Find_NoPngOrHalfOfOne_IsBadInput()
    {
        byte[] file = PngText.With(ImageFile.EncodePng(Image), "clouds", Text);

        Assert.Throws<CloudsException>(() => PngText.Find(ImageFile.EncodeJpeg(Image), "clouds", "a.jpg"));
        Assert.Throws<CloudsException>(() => PngText.Find(file.AsSpan(0, file.Length - 5), "clouds", "a.png"));
    }

    private static byte[] Inserted(string type, byte[] body)
    {
        byte[] png = ImageFile.EncodePng(Image);
        using MemoryStream file = new();
        file.Write(png.AsSpan(0, 33));
        PngChunks.Append(file, Encoding.ASCII.GetBytes(type), body);
        file.Write(png.AsSpan(33));
        return file.ToArray();
    }

    private static byte[] Deflate(byte[] text)
    {
        using MemoryStream zip = new();
        using (ZLibStream stream = new(zip, CompressionLevel.Optimal, leaveOpen: true))
        {
            stream.Write(text);
        }

        return zip.ToArray();
    }
}
