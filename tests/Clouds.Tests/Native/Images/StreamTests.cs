using Clouds.Diagnostics;
using Clouds.Native.Images;

namespace Clouds.Tests.Native.Images;

/// <summary>Images and labels through streams and spans.</summary>
[Kind(TestKind.Fast)]
public sealed class StreamTests
{
    private static readonly RgbImage Picture = Pictures.Gradient(40, 30);

    [Fact]
    public async Task Read_StreamThatGivesAFewBytesAtATime_GivesThePixelsOfTheFile()
    {
        byte[] png = ImageFile.EncodePng(Picture);
        Assert.Equal(Picture.Pixels, ImageFile.Read(new Trickle(png)).Pixels);
        Assert.Equal(Picture.Pixels, (await ImageFile.ReadAsync(new Trickle(png))).Pixels);
        Assert.Equal(Picture.Pixels, ImageFile.Decode(png.AsSpan()).Pixels);
    }

    [Fact]
    public void Read_Stream_BeginsWhereItStandsAndLeavesItOpen()
    {
        using MemoryStream stream = new([1, 2, 3, .. ImageFile.EncodePng(Picture)]);
        stream.Position = 3;
        Assert.Equal(Picture.Pixels, ImageFile.Read(stream).Pixels);
        Assert.True(stream.CanRead);
    }

    [Fact]
    public void LabelPng_Stream_GivesTheIds()
    {
        LabelMap map = new(3, 1, [0, 7, 255]);
        Assert.Equal(map.Ids, LabelPng.Read(new Trickle(LabelPng.EncodeGray8(map))).Ids);
        Assert.Equal(map.Ids, LabelPng.Decode(LabelPng.EncodeGray8(map)).Ids);
    }

    [Fact]
    public async Task Read_StreamThatIsEmptyOrFails_IsAFaultOfTheInputUnderTheNameGiven()
    {
        CloudsException empty = Assert.Throws<CloudsException>(() => ImageFile.Read(new MemoryStream(), "upload 7"));
        CloudsException broken = await Assert.ThrowsAsync<CloudsException>(() => ImageFile.ReadAsync(new Trickle([1, 2]) { Breaks = true }, "upload 8"));
        CloudsException cut = Assert.Throws<CloudsException>(() => ImageFile.Decode(ImageFile.EncodePng(Picture).AsSpan(0, 60), "upload 9"));
        Assert.Equal(["upload 7", "upload 8", "upload 9"], new[] { empty, broken, cut }.Select(failure => failure.Where));
        Assert.All(new[] { empty, broken, cut }, failure => Assert.True(failure.Expected));
    }

    [Fact]
    public async Task ReadAsync_Cancelled_Ends()
    {
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(20));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ImageFile.ReadAsync(new Trickle([]) { Hangs = true }, cancellation: stop.Token));
    }

    [Fact]
    public async Task Read_NoStream_NamesTheParameter()
    {
        Assert.Equal("stream", Assert.Throws<ArgumentNullException>(() => ImageFile.Read((Stream)null!)).ParamName);
        Assert.Equal("stream", (await Assert.ThrowsAsync<ArgumentNullException>(() => ImageFile.ReadAsync(null!))).ParamName);
        Assert.Equal("stream", Assert.Throws<ArgumentNullException>(() => LabelPng.Read((Stream)null!)).ParamName);
    }

    /// <summary>A stream as networks have them: a few bytes at a time, no length, no position.</summary>
    private sealed class Trickle(byte[] bytes) : Stream
    {
        private int _at;

        public bool Breaks { get; init; }

        public bool Hangs { get; init; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = Math.Min(Math.Min(count, 7), bytes.Length - _at);
            Array.Copy(bytes, _at, buffer, offset, read);
            _at += read;
            return read == 0 && Breaks ? throw new IOException("the line is dead") : read;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Hangs)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            byte[] piece = new byte[7];
            int read = Read(piece, 0, Math.Min(piece.Length, buffer.Length));
            piece.AsMemory(0, read).CopyTo(buffer);
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
