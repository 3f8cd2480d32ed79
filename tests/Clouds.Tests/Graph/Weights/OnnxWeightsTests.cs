using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Weights;
using Google.Protobuf;

namespace Clouds.Tests.Graph.Weights;

[Kind(TestKind.Fast)]
public sealed class OnnxWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder["model.onnx"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_RawData_IsMappedInPlace()
    {
        using WeightSource source = Open(Raw("w", ElementType.Float, [2], [0, 0, 128, 63, 0, 0, 0, 64]), Raw("h", ElementType.Float16, [1], [0, 60]));
        Assert.Equal([1f, 2f], source.ReadFloats("w"));
        Assert.Equal([1f], source.ReadFloats("h"));
        Assert.Single(source.Files);
        Assert.Equal(("ONNX", "a program"), (source.Format, source.Metadata["producer_name"]));
        Assert.Equal("MIT", source.Metadata["license"]);
    }

    [Fact]
    public void Open_TypedData_GivesItsValues()
    {
        TensorProto floats = Tensor("f", ElementType.Float, 2), doubles = Tensor("d", ElementType.Double, 1), longs = Tensor("l", ElementType.Int64, 3);
        TensorProto bytes = Tensor("b", ElementType.UInt8, 2), halves = Tensor("h", ElementType.Float16, 1), truths = Tensor("t", ElementType.Bool, 2);
        floats.FloatData.AddRange([1.5f, -2]);
        doubles.DoubleData.Add(0.25);
        longs.Int64Data.AddRange([-1, long.MaxValue, 0]);
        bytes.Int32Data.AddRange([255, 7]);
        halves.Int32Data.Add(0x3C00);
        truths.Int32Data.AddRange([1, 0]);
        using WeightSource source = Open(floats, doubles, longs, bytes, halves, truths);
        Assert.Equal([1.5f, -2], source.ReadFloats("f"));
        Assert.Equal([0.25], source.ReadDoubles("d"));
        Assert.Equal([-1, long.MaxValue, 0], source.ReadIntegers("l"));
        Assert.Equal([255L, 7], source.ReadIntegers("b"));
        Assert.Equal([1f], source.ReadFloats("h"));
        Assert.Equal([1L, 0], source.ReadIntegers("t"));
    }

    [Fact]
    public void Open_ScalarsAndEmptyTensors_AreTensors()
    {
        using WeightSource source = Open(
            Raw("scalar", ElementType.Float, [], [0, 0, 128, 63]), Raw("empty", ElementType.Float, [0, 3], []), Tensor("bare", ElementType.Int64, 0));
        Assert.Equal([1f], source.ReadFloats("scalar"));
        Assert.Empty(source.ReadFloats("empty"));
        Assert.Empty(source.ReadIntegers("bare"));
    }

    [Fact]
    public void Open_ElementsInAFileBesideTheModel_AreMappedThere()
    {
        File.WriteAllBytes(_folder["parts/w.data"], [9, 9, 9, 9, 0, 0, 128, 63]);
        using WeightSource source = Open(Outside("w", "parts/w.data", ("offset", "4"), ("length", "4")), Outside("v", "parts/w.data", ("offset", "4")));
        Assert.Equal([1f], source.ReadFloats("w"));
        Assert.Equal([1f], source.ReadFloats("v"));
        Assert.Equal(2, source.Files.Count);
    }

    [Theory]
    [InlineData("../w.data", "not in the model's folder")]
    [InlineData("/etc/passwd", "not in the model's folder")]
    [InlineData("a/../../w.data", "not in the model's folder")]
    [InlineData("", "not in the model's folder")]
    [InlineData("none.data", "cannot be opened")]
    public void Open_FileOutsideTheFolder_IsRefused(string location, string text)
    {
        Write(Outside("w", location));
        AssertRefused(text);
    }

    [Fact]
    public void Open_LinkOutOfTheFolder_IsRefused()
    {
        File.WriteAllBytes(_folder["w.data"], new byte[4]);
        File.CreateSymbolicLink(_folder["link.data"], _folder["w.data"]);
        Write(Outside("w", "link.data"));
        AssertRefused("which is a link");
    }

    [Theory]
    [InlineData("offset", "1")]
    [InlineData("offset", "-1")]
    [InlineData("offset", "99999999999999999999")]
    [InlineData("length", "5")]
    [InlineData("length", "0")]
    public void Open_PlaceOutsideTheFileBesideTheModel_IsRefused(string key, string value)
    {
        File.WriteAllBytes(_folder["w.data"], new byte[4]);
        Write(Outside("w", "w.data", (key, value)));
        AssertRefused("tensor 'w'");
    }

    [Fact]
    public void Open_TensorLargerThanItsFile_IsRefused()
    {
        TensorProto tensor = Tensor("w", ElementType.Int64, 1L << 40);
        tensor.Int64Data.Add(1);
        Write(tensor);
        AssertRefused("larger than its file can mean");
    }

    [Fact]
    public void Open_ModelOfTensorsWithoutElements_IsRefusedBeforeItTakesTwiceTheFile()
    {
        TensorProto runs = Tensor("w", ElementType.Int64, 0);
        byte[] empty = [0x3A, 0];
        byte[] tensor = [.. runs.ToByteArray(), .. Enumerable.Repeat(empty, 2_000_000).SelectMany(run => run)];
        byte[] head = [8, 10, 0x3A, .. Varint(tensor.Length + 1 + Varint(tensor.Length).Length), 0x2A, .. Varint(tensor.Length), .. tensor];
        File.WriteAllBytes(FilePath, head);
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertRefused("larger than its file can mean");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (2 * head.Length) + (32 << 20));
    }

    [Fact]
    public void Open_ShapeThatDoesNotFitItsBytes_IsRefused()
    {
        Write(Raw("w", ElementType.Float, [3], new byte[8]));
        AssertRefused("does not fit its bytes", "F32 [3]");
        TensorProto few = Tensor("w", ElementType.Int64, 3);
        few.Int64Data.Add(1);
        Write(few);
        AssertRefused("does not fit its bytes", "8 bytes");
        Write(Raw("w", ElementType.Float, [long.MaxValue, 4], []));
        AssertRefused("makes no sense");
        Write(Raw("w", ElementType.Float, [-1], []));
        AssertRefused("makes no sense");
    }

    [Theory]
    [InlineData(8)]
    [InlineData(14)]
    [InlineData(0)]
    public void Open_ElementsThatAreNotRead_AreRefused(int type)
    {
        Write(Raw("w", (ElementType)type, [1], new byte[8]));
        AssertRefused("of a type that is not read", $"type {type}");
    }

    [Fact]
    public void Open_NameTwice_IsRefused()
    {
        Write(Raw("w", ElementType.Float, [1], new byte[4]), Raw("w", ElementType.Float, [1], new byte[4]));
        AssertRefused("one name");
    }

    [Fact]
    public void Open_ModelThatWasCutOff_IsRefused()
    {
        Write(Raw("w", ElementType.Float, [100], new byte[400]));
        File.WriteAllBytes(FilePath, File.ReadAllBytes(FilePath)[..200]);
        AssertRefused("was cut off");
    }

    internal static byte[] Model(params TensorProto[] tensors)
    {
        GraphProto graph = new() { Name = "graph" };
        graph.Initializer.AddRange(tensors);
        ModelProto model = new() { IrVersion = 10, ProducerName = "a program", Graph = graph };
        model.MetadataProps.Add(new StringStringEntryProto { Key = "license", Value = "MIT" });
        return model.ToByteArray();
    }

    internal static TensorProto Raw(string name, ElementType type, long[] shape, byte[] bytes)
    {
        TensorProto tensor = Tensor(name, type, shape);
        tensor.RawData = ByteString.CopyFrom(bytes);
        return tensor;
    }

    internal static TensorProto Tensor(string name, ElementType type, params long[] shape)
    {
        TensorProto tensor = new() { Name = name, DataType = (int)type };
        tensor.Dims.AddRange(shape);
        return tensor;
    }

    private static byte[] Varint(int number) => number < 0x80 ? [(byte)number] : [(byte)(number | 0x80), .. Varint(number >> 7)];

    private static TensorProto Outside(string name, string location, params (string Key, string Value)[] more)
    {
        TensorProto tensor = Tensor(name, ElementType.Float, 1);
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        foreach ((string key, string value) in more.Prepend(("location", location)))
        {
            tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        }

        return tensor;
    }

    private void Write(params TensorProto[] tensors) => File.WriteAllBytes(FilePath, Model(tensors));

    private WeightSource Open(params TensorProto[] tensors)
    {
        Write(tensors);
        return WeightSource.Open(FilePath);
    }

    private void AssertRefused(params string[] texts)
    {
        CloudsException e = Assert.Throws<CloudsException>(() => WeightSource.Open(FilePath));
        Assert.Equal(Failure.Weights, e.Failure);
        Assert.All(texts, text => Assert.Contains(text, e.Message, StringComparison.Ordinal));
    }
}
