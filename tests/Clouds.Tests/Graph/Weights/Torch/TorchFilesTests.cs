using System.IO.Compression;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using static Clouds.Tests.Graph.Weights.Torch.PickleText;

namespace Clouds.Tests.Graph.Weights.Torch;

[Kind(TestKind.Fast)]
public sealed class TorchFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder["w.pth"];

    public static TheoryData<string, WeightType> StorageTypes { get; } = new()
    {
        { "Double", WeightType.F64 }, { "Float", WeightType.F32 }, { "Half", WeightType.F16 }, { "BFloat16", WeightType.BF16 }, { "Long", WeightType.I64 },
        { "Int", WeightType.I32 }, { "Short", WeightType.I16 }, { "Char", WeightType.I8 }, { "Byte", WeightType.U8 }, { "Bool", WeightType.Bool },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(StorageTypes))]
    public void Open_StorageOfEveryType_IsMappedInPlace(string storage, WeightType type)
    {
        byte[] bytes = [.. Enumerable.Range(1, 6 * type.Size()).Select(i => (byte)i)];
        using WeightSource source = OpenZip(Ordered(("w", Tensor(Storage(storage, "0", 6), 0, [2, 3], [3, 1]))), ("0", bytes));
        TensorEntry tensor = source.Entry("w");
        Assert.Equal(type, tensor.Type);
        Assert.Equal([2L, 3L], tensor.Shape);
        Assert.Null(tensor.Strides);
        Assert.Equal(bytes, tensor.Slice(0, 6).ToArray());
        Assert.Equal("w.pth", Assert.Single(source.Files).Name);
        Assert.Equal("PyTorch (zip)", source.Format);
    }

    [Theory]
    [InlineData("float8_e4m3fn", WeightType.F8E4M3)]
    [InlineData("float8_e5m2", WeightType.F8E5M2)]
    [InlineData("uint16", WeightType.U16)]
    public void Open_TypeWithoutAStorageOfItsOwn_IsReadFromBytes(string dtype, WeightType type)
    {
        byte[] tensor = Call("torch._utils", "_rebuild_tensor_v3",
            Storage("Untyped", "0", 4 * type.Size()), 0, Tuple(4), Tuple(1), false, Call("collections", "OrderedDict"), Global("torch", dtype), null);
        using WeightSource source = OpenZip(tensor, ("0", [.. Enumerable.Range(0x38, 4 * type.Size()).Select(i => (byte)i)]));
        Assert.Equal(type, source.Entry("").Type);
        Assert.Equal(4, source.Entry("").Elements);
    }

    [Theory]
    [InlineData(0, new[] { 3, 4 }, new[] { 4, 1 }, new[] { 0f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 })]
    [InlineData(0, new[] { 4, 3 }, new[] { 1, 4 }, new[] { 0f, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11 })]
    [InlineData(1, new[] { 2, 2 }, new[] { 8, 2 }, new[] { 1f, 3, 9, 11 })]
    [InlineData(5, new[] { 2, 3 }, new[] { 0, 0 }, new[] { 5f, 5, 5, 5, 5, 5 })]
    [InlineData(4, new int[0], new int[0], new[] { 4f })]
    [InlineData(0, new[] { 0, 7 }, new[] { 7, 1 }, new float[0])]
    [InlineData(2, new[] { 1, 3, 1 }, new[] { 99, 1, 50 }, new[] { 2f, 3, 4 })]
    public void ReadFloats_View_GivesItsElementsInOrder(int offset, int[] shape, int[] strides, float[] expected)
    {
        byte[] value = Dict(("w", Tensor(Storage("Float", "0", 12), offset, shape, strides)));
        using (WeightSource zip = OpenZip(value, ("0", TorchFile.Floats(12))))
        {
            Assert.Equal(expected, zip.ReadFloats("w"));
            Assert.Equal(expected.Select(element => (double)element), zip.ReadDoubles("w"));
        }

        using WeightSource legacy = Open(TorchFile.Legacy(value, ("0", 12, TorchFile.Floats(12))));
        Assert.Equal(expected, legacy.ReadFloats("w"));
        Assert.Equal("PyTorch (legacy)", legacy.Format);
    }

    [Fact]
    public void Open_NestedContainers_JoinsTheirKeysWithDots()
    {
        byte[] one = Tensor(Storage("Float", "0", 2), 0, [2], [1]);
        byte[] value = Dict(
            ("epoch", 3), ("arch", "net"), ("state_dict", Ordered(("module.conv.weight", one))),
            ("optimizer", Dict(("state", Dict((0, Dict(("exp_avg", one))))), ("groups", new object[] { 1, 2 }))),
            ("list", new object?[] { one, Tuple(null, one) }),
            ("args", Made("argparse", "Namespace", Dict(("lr", 1)))),
            ("parameter", Call("torch._utils", "_rebuild_parameter", one, true, Call("collections", "OrderedDict"))));
        using WeightSource source = OpenZip(value, ("0", TorchFile.Floats(2)));
        Assert.Equal(["state_dict.module.conv.weight", "optimizer.state.0.exp_avg", "list.0", "list.1.1", "parameter"], source.Tensors.Keys);
        Assert.All(source.Tensors.Values, tensor => Assert.Equal(source.Tensors["list.0"].Offset, tensor.Offset));
        Assert.Equal(new Dictionary<string, string> { ["epoch"] = "3", ["arch"] = "net" }, source.Metadata);
    }

    [Fact]
    public void Open_TorchScript_ListsAttributesOfModulesAndRunsNoCode()
    {
        byte[] tensor = Tensor(Storage("Float", "0", 2), 0, [2], [1]);
        byte[] inner = Made("__torch__.net", "Conv", Dict(("weight", tensor), ("training", false)));
        byte[] module = Made("__torch__.net", "Net", Dict(("visual", inner), ("size", 224)));
        File.WriteAllBytes(FilePath, TorchFile.Archive(
            [("n/data.pkl", Pickle(module)), ("n/data/0", TorchFile.Floats(2)), ("n/code/__torch__/net.py", "import os"u8.ToArray()),
                ("n/constants.pkl", "no pickle"u8.ToArray())]));
        using WeightSource source = WeightSource.Open(FilePath);
        Assert.Equal([0f, 1f], source.ReadFloats("visual.weight"));
        Assert.Equal("TorchScript", source.Format);
    }

    [Fact]
    public void Open_DeflatedMembers_AreUnpackedIntoMemory()
    {
        byte[] value = Dict(("w", Tensor(Storage("Float", "0", 100), 0, [100], [1])));
        File.WriteAllBytes(FilePath, TorchFile.Archive([("a/data.pkl", Pickle(value)), ("a/data/0", TorchFile.Floats(100))], CompressionLevel.Optimal));
        using WeightSource source = WeightSource.Open(FilePath);
        Assert.Equal(99f, source.ReadFloats("w")[99]);
    }

    [Fact]
    public void Open_DeflatedMembersBeyondTwiceTheFile_AreRefused()
    {
        byte[] value = Tensor(Storage("Byte", "0", 8 << 20), 0, [8 << 20], [1]);
        byte[] file = TorchFile.Archive([("a/data.pkl", Pickle(value)), ("a/data/0", new byte[8 << 20])], CompressionLevel.Optimal);
        AssertRefused(file, "compressed", "pack it again");
    }

    // Until PyTorch 0.3 a storage could be a part of another one.
    [Fact]
    public void Open_PartOfAStorage_StartsThere()
    {
        byte[] part = Storage("Float", "0", 12, Tuple("view", 4, 6));
        using WeightSource source = Open(TorchFile.Legacy(Tensor(part, 1, [2], [3]), ("0", 12, TorchFile.Floats(12))));
        Assert.Equal([5f, 8f], source.ReadFloats(""));
    }

    [Fact]
    public void Open_ParametersOfOldVersions_AreTheirTensors()
    {
        byte[] tensor = Call("torch._utils", "_rebuild_tensor", Storage("Float", "0", 2), 0, Tuple(2), Tuple(1));
        byte[] variable = [.. Call("torch.nn.parameter", "Parameter", tensor), .. Tuple(true, false, Call("collections", "OrderedDict")), (byte)'b'];
        byte[] pairs = Call("collections", "OrderedDict", (object)new object?[] { new object?[] { "w", variable } });
        using WeightSource source = Open(TorchFile.Legacy(pairs, ("0", 2, TorchFile.Floats(2))));
        Assert.Equal([0f, 1f], source.ReadFloats("w"));
    }

    [Theory]
    [InlineData("posix", "system")]
    [InlineData("os", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("builtins", "getattr")]
    [InlineData("__builtin__", "apply")]
    [InlineData("subprocess", "Popen")]
    [InlineData("torch.hub", "load")]
    [InlineData("torch.storage", "_load_from_bytes")]
    [InlineData("torch._utils", "_rebuild_sparse_tensor")]
    [InlineData("torchvision.models.resnet", "ResNet")]
    [InlineData("__torch__.net", "Net")]
    public void Open_NameOutsideTheShortList_IsRefusedByName(string module, string name)
    {
        AssertRefused(TorchFile.Zip(Call(module, name, "touch /tmp/x")), "nothing was run", $"{module}.{name}");
        AssertRefused(TorchFile.Legacy(Call(module, name, "touch /tmp/x")), "nothing was run", $"{module}.{name}");
        byte[] byStack = [.. Value(module), .. Value(name), 0x93, .. Tuple("x"), (byte)'R'];
        AssertRefused(TorchFile.Zip(byStack), "nothing was run", $"{module}.{name}");
        AssertRefused(TorchFile.Zip([(byte)'(', .. Value("x"), (byte)'i', .. System.Text.Encoding.UTF8.GetBytes($"{module}\n{name}\n")]), "nothing was run");
    }

    [Theory]
    [InlineData("ComplexFloat")]
    [InlineData("QInt8")]
    public void Open_ElementsThatAreNotRead_AreRefusedByName(string storage) =>
        AssertRefused(TorchFile.Zip(Tensor(Storage(storage, "0", 1), 0, [1], [1]), ("0", new byte[8])),
            "of a type that is not read", $"torch.{storage}Storage");

    [Fact]
    public void Open_BigEndianFile_IsRefused()
    {
        byte[] value = Tensor(Storage("Float", "0", 1), 0, [1], [1]);
        AssertRefused(TorchFile.Archive([("a/data.pkl", Pickle(value)), ("a/byteorder", "big"u8.ToArray()), ("a/data/0", new byte[4])]), "big-endian");
        byte[] legacy = TorchFile.Legacy(value, ("0", 1, new byte[4]));
        legacy[legacy.AsSpan().IndexOf("little_endian"u8) + "little_endian".Length] = 0x89;
        AssertRefused(legacy, "big-endian");
    }

    [Theory]
    [InlineData(12, 1, new[] { 3, 4 }, new[] { 4, 1 })]
    [InlineData(12, 0, new[] { 13 }, new[] { 1 })]
    [InlineData(12, 0, new[] { 2 }, new[] { int.MaxValue })]
    [InlineData(12, 0, new[] { -1 }, new[] { 1 })]
    [InlineData(12, 0, new[] { 2 }, new[] { -1 })]
    [InlineData(12, 0, new[] { 2, 2 }, new[] { 1 })]
    [InlineData(12, 0, new[] { int.MaxValue, int.MaxValue, int.MaxValue }, new[] { 0, 0, 0 })]
    public void Open_TensorOutsideItsStorage_IsRefused(int elements, int offset, int[] shape, int[] strides) =>
        AssertRefused(TorchFile.Zip(Tensor(Storage("Float", "0", elements), offset, shape, strides), ("0", TorchFile.Floats(12))),
            "does not lie within its storage");

    [Fact]
    public void Open_StorageOfAnotherLengthThanThePickleSays_IsRefused()
    {
        byte[] value = Tensor(Storage("Float", "0", 1L << 60), 0, [1], [1]);
        AssertRefused(TorchFile.Zip(value, ("0", new byte[4])), "another length than the pickle says");
        AssertRefused(TorchFile.Legacy(value, ("0", 1L << 60, new byte[4])), "ends in the middle");
        AssertRefused(TorchFile.Legacy(value, ("0", 1, new byte[4])), "another length than the pickle says");
        AssertRefused(TorchFile.Zip(value), "lacks a member");
        AssertRefused(TorchFile.Legacy(value), "lacks the elements");
    }

    [Fact]
    public void Open_ViewThatRepeatsElementsWithoutEnd_IsRefused() =>
        AssertRefused(TorchFile.Zip(Tensor(Storage("Float", "0", 1), 0, [1 << 30, 1 << 20], [0, 0]), ("0", new byte[4])), "too often");

    [Fact]
    public void Open_TwoTensorsOfOneName_AreRefused()
    {
        byte[] one = Tensor(Storage("Float", "0", 1), 0, [1], [1]);
        AssertRefused(TorchFile.Zip(Dict(("a.b", one), ("a", Dict(("b", one)))), ("0", new byte[4])), "one name", "'a.b'");
    }

    [Fact]
    public void Open_ZipOfSomethingElse_SaysWhatItHas() =>
        AssertRefused(TorchFile.Archive([("word/document.xml", "<w/>"u8.ToArray())]), "not one of PyTorch's", "1 other members");

    [Fact]
    public void Open_ArchiveThatWasCutOff_SaysSo()
    {
        byte[] whole = TorchFile.Zip(Tensor(Storage("Float", "0", 100), 0, [100], [1]), ("0", TorchFile.Floats(100)));
        AssertRefused(whole[..^40], "cut off");
    }

    private WeightSource OpenZip(byte[] value, params (string, byte[])[] storages) => Open(TorchFile.Zip(value, storages));

    private WeightSource Open(byte[] file)
    {
        File.WriteAllBytes(FilePath, file);
        return WeightSource.Open(FilePath);
    }

    private void AssertRefused(byte[] file, params string[] texts)
    {
        File.WriteAllBytes(FilePath, file);
        CloudsException e = Assert.Throws<CloudsException>(() => WeightSource.Open(FilePath));
        Assert.Equal(Failure.Weights, e.Failure);
        Assert.All(texts, text => Assert.Contains(text, e.Message, StringComparison.Ordinal));
    }
}
