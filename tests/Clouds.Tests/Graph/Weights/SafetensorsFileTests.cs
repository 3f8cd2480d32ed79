using System.Buffers.Binary;
using System.Text;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;

namespace Clouds.Tests.Graph.Weights;

[Kind(TestKind.Fast)]
public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_MissingFile_IsRefused() => AssertRefused(_folder["none.safetensors"], "cannot be opened");

    [Fact]
    public void Open_FileOfSevenBytes_IsRefused() => AssertRefused(Raw(new byte[7]), "too short");

    [Fact]
    public void Open_HeaderBeyondTheFile_IsRefused() => AssertRefused(Raw(Length(1000), "{}"u8.ToArray()), "beyond the end of the file");

    [Fact]
    public void Open_HugeHeader_IsRefusedBeforeItIsRead() => AssertRefused(Raw(Length(SafetensorsFile.MaxHeaderBytes + 1)), "makes no sense");

    [Fact]
    public void Open_NegativeHeaderLength_IsRefused() => AssertRefused(Raw(Length(-1)), "makes no sense");

    [Theory]
    [InlineData("not json", "the header of the safetensors file is not valid JSON")]
    [InlineData("{ ", "not valid JSON")]
    [InlineData("{} x", "not valid JSON")]
    [InlineData("{} // x", "not valid JSON")]
    [InlineData("[]", "an object")]
    [InlineData("""{"a": 5}""", "key 'a'")]
    [InlineData("""{"__metadata__": {"a": 1}}""", "key '__metadata__.a'")]
    [InlineData("""{"__metadata__": {}, "__metadata__": {}}""", "a key stands twice")]
    [InlineData("""{"__metadata__": {"a": "1", "a": "2"}}""", "a key stands twice")]
    [InlineData("""{"a": {"dtype": "U8", "shape": {}, "data_offsets": [0, 1]}}""", "key 'a.shape'")]
    [InlineData("""{"a": {"dtype": "U8", "dtype": "U8", "shape": [1], "data_offsets": [0, 1]}}""", "key 'a.dtype'")]
    public void Open_HeaderOfAnotherForm_IsRefused(string header, string text) => AssertRefused(File(header, 16), text);

    [Fact]
    public void Open_HeaderThatIsNoText_IsRefused() =>
        AssertRefused(Raw(Length(8), [(byte)'{', (byte)'"', 0xFF, 0xFE, (byte)'"', (byte)':', (byte)'1', (byte)'}']), "no UTF-8");

    [Fact]
    public void Open_DeeplyNestedHeader_IsRefused() => AssertRefused(File(string.Concat(Enumerable.Repeat("{\"a\":", 100_000)), 0), "not valid JSON", "depth");

    [Fact]
    public void Open_OffsetsBeyondTheFile_AreRefused() => AssertRefused(File(Entry("a", "U8", "[17]", 0, 17), 16), "outside the file", "tensor 'a'");

    [Fact]
    public void Open_OffsetsInReverse_AreRefused() => AssertRefused(File(Entry("a", "U8", "[4]", 8, 4), 16), "outside the file");

    [Theory]
    [InlineData("[-1]", "key 'a.shape[0]'")]
    [InlineData("[1, 1.5]", "key 'a.shape[1]'")]
    [InlineData("[99999999999999999999]", "in 63 bits")]
    [InlineData("[\"1\"]", "a whole number")]
    [InlineData("[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "a list of at most 16")]
    public void Open_ShapeThatIsNoShape_IsRefused(string shape, string text) => AssertRefused(File(Entry("a", "U8", shape, 0, 1), 16), text);

    [Theory]
    [InlineData("[0]", "two numbers")]
    [InlineData("[0, 1, 2]", "a list of at most 2")]
    public void Open_OffsetsThatAreNoPair_AreRefused(string offsets, string text) =>
        AssertRefused(File($$"""{"a": {"dtype": "U8", "shape": [1], "data_offsets": {{offsets}} } }""", 16), "key 'a.data_offsets'", text);

    [Fact]
    public void Open_ShapeThatDoesNotFillItsBytes_IsRefused() =>
        AssertRefused(File(Entry("a", "F32", "[3]", 0, 16), 16), "does not fit its bytes", "12 bytes for F32 [3]");

    [Fact]
    public void Open_ShapeWhoseProductOverflows_IsRefused() =>
        AssertRefused(File(Entry("a", "F32", "[4294967296, 4294967296, 4]", 0, 16), 16), "does not fit its bytes", "beyond 63 bits");

    [Fact]
    public void Open_TensorsThatShareBytes_AreRefused() =>
        AssertRefused(File($"{Entry("a", "U8", "[8]", 0, 8)[..^1]},{Entry("b", "U8", "[8]", 4, 12)[1..]}", 16), "share bytes", "inside 'a'");

    [Fact]
    public void Open_TensorTwice_IsRefused() =>
        AssertRefused(File($"{Entry("a", "U8", "[4]", 0, 4)[..^1]},{Entry("a", "U8", "[4]", 4, 8)[1..]}", 16), "stands twice");

    [Fact]
    public void Open_UnknownElementType_IsRefused() => AssertRefused(File(Entry("a", "F4", "[4]", 0, 4), 16), "key 'a.dtype'", "F4", "BF16");

    [Fact]
    public void Open_EntryWithoutShape_IsRefused() =>
        AssertRefused(File("""{"a": {"dtype": "U8", "data_offsets": [0, 1]}}""", 16), "a key is missing", "a.shape");

    [Fact]
    public void Open_EntryWithAnUnknownField_IsRefused() =>
        AssertRefused(File("""{"a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1], "x": 1}}""", 16), "unknown key", "a.x");

    [Fact]
    public void Open_GapBetweenTensors_IsRead()
    {
        using WeightSource file = WeightSource.Open(
            File($"{Entry("a", "U8", "[2]", 0, 2)[..^1]},{Entry("b", "U8", "[0, 7]", 0, 0)[1..^1]},{Entry("c", "U8", "[2]", 8, 10)[1..]}", 16));
        Assert.Equal([8L, 9L], file.ReadIntegers("c"));
        Assert.Empty(file.ReadFloats("b"));
    }

    [Theory]
    [InlineData("F64", "000000000000F8BF", -1.5)]
    [InlineData("F32", "0000C0BF", -1.5)]
    [InlineData("F16", "00BE", -1.5)]
    [InlineData("BF16", "C0BF", -1.5)]
    [InlineData("I64", "FEFFFFFFFFFFFFFF", -2)]
    [InlineData("I32", "FEFFFFFF", -2)]
    [InlineData("I16", "FEFF", -2)]
    [InlineData("I8", "FE", -2)]
    [InlineData("U8", "FE", 254)]
    [InlineData("BOOL", "01", 1)]
    public void ReadFloats_AnyElementType_GivesItsValue(string type, string hex, double value)
    {
        byte[] data = Convert.FromHexString(hex);
        // One byte in front, so that the tensor is not aligned.
        string header = $"{Entry("pad", "U8", "[1]", 0, 1)[..^1]},{Entry("a", type, "[]", 1, 1 + data.Length)[1..]}";
        using WeightSource file = WeightSource.Open(Raw(Length(header.Length), Encoding.UTF8.GetBytes(header), [7], data));
        Assert.Equal((float)value, Assert.Single(file.ReadFloats("a")));
        Assert.Equal(value, Assert.Single(file.ReadDoubles("a")));
    }

    [Fact]
    public void ReadFloats_MissingTensor_NamesTheNearest()
    {
        using WeightSource file = WeightSource.Open(File(Entry("norm.weight", "F32", "[4]", 0, 16), 16));
        CloudsException e = Assert.Throws<CloudsException>(() => file.ReadFloats("norm.wieght"));
        Assert.Contains("'norm.weight'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadFloats_SpanOfAnotherLength_IsRefused()
    {
        using WeightSource file = WeightSource.Open(File(Entry("a", "F32", "[4]", 0, 16), 16));
        CloudsException e = Assert.Throws<CloudsException>(() => file.ReadFloats("a", new float[3]));
        Assert.Equal(Failure.Weights, e.Failure);
    }

    [Fact]
    public void ReadIntegers_FloatTensor_IsRefused()
    {
        using WeightSource file = WeightSource.Open(File(Entry("a", "F32", "[4]", 0, 16), 16));
        Assert.Throws<CloudsException>(() => file.ReadIntegers("a"));
    }

    [Fact]
    public void ReadFloats_DisposedFile_Throws()
    {
        WeightSource file = WeightSource.Open(File(Entry("a", "F32", "[4]", 0, 16), 16));
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.ReadFloats("a"));
    }

    private static string Entry(string name, string type, string shape, long begin, long end) =>
        $$$"""{"{{{name}}}": {"dtype": "{{{type}}}", "shape": {{{shape}}}, "data_offsets": [{{{begin}}}, {{{end}}}]}}""";

    private static byte[] Length(long bytes)
    {
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, bytes);
        return length;
    }

    private static void AssertRefused(string path, params string[] texts)
    {
        CloudsException e = Assert.Throws<CloudsException>(() => WeightSource.Open(path));
        Assert.Equal(Failure.Weights, e.Failure);
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
        Assert.NotNull(e.Next);
        Assert.All(texts, text => Assert.Contains(text, e.Message, StringComparison.Ordinal));
    }

    // Data bytes count up from zero.
    private string File(string header, int dataBytes) =>
        Raw(Length(Encoding.UTF8.GetByteCount(header)), Encoding.UTF8.GetBytes(header), [.. Enumerable.Range(0, dataBytes).Select(i => (byte)i)]);

    private string Raw(params byte[][] parts)
    {
        string path = _folder["file.safetensors"];
        System.IO.File.WriteAllBytes(path, [.. parts.SelectMany(part => part)]);
        return path;
    }
}
