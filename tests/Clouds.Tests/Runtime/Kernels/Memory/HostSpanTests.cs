using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public sealed unsafe class HostSpanTests
{
    [Fact]
    public void Pointer_TheRightLength_IsTheFirstElement()
    {
        Pinned<float> memory = new([1, 2, 3]);

        Assert.Equal(2, *memory.Span.Slice(1, 2).Pointer(2, "x", "D"));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Pointer_AnotherLength_SaysWhichWasExpectedAndWhy(int length)
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => { _ = new HostSpan<float>(null, length).Pointer(3, "scale", "D"); });

        Assert.Equal($"scale has {length} elements, expected 3 = D", e.Message);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(2, 2)]
    [InlineData(4, 0)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(1, long.MaxValue)]
    public void Slice_Outside_IsRefused(long start, long length)
        => Assert.Throws<ArgumentOutOfRangeException>(() => { _ = new HostSpan<float>(null, 3).Slice(start, length); });

    [Fact]
    public void Slice_BehindTwoToTheThirtyTwo_BeginsThere()
    {
        const long Start = (1L << 32) + 5;
        HostSpan<float> rest = new HostSpan<float>(null, Start + 7).Slice(Start, 7);

        Assert.Equal(7, rest.Length);
        Assert.Equal(4 * Start, (long)rest.Pointer(7, "x", "7"));
    }

    [Fact]
    public void Elements_OfABuffer_AreItsOwnAndNoMore()
    {
        using NativeBuffer buffer = new(24);

        Assert.Equal(6, buffer.Elements<float>().Length);
        Assert.Equal(3, buffer.Elements<long>().Length);
        Assert.Equal((nint)buffer.Pointer + 8, (nint)buffer.Elements<long>(1, 2).Pointer(2, "x", "2"));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Elements<long>(1, 3));
    }
}
