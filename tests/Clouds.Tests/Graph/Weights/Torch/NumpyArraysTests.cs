using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using static Clouds.Tests.Graph.Weights.Torch.PickleText;

namespace Clouds.Tests.Graph.Weights.Torch;

[Kind(TestKind.Fast)]
public sealed class NumpyArraysTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder["w.pkl"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_ArraysOfNumpy_AreTensorsWhereTheyLie()
    {
        byte[] data = [(byte)'B', .. Int32(24), .. TorchFile.Floats(6)];
        using WeightSource source = Open(Pickle(Dict(("rows", Array("f4", data, false, 2, 3)), ("columns", Array("f4", data, true, 2, 3))), 3));
        Assert.Equal([0f, 1, 2, 3, 4, 5], source.ReadFloats("rows"));
        Assert.Equal([0f, 2, 4, 1, 3, 5], source.ReadFloats("columns"));
        Assert.Equal("pickle", source.Format);
    }

    // Protocol 2 has no bytes: Python 3 writes a character for each, of which those from 128 on take two bytes.
    [Theory]
    [InlineData("latin1", 6)]
    [InlineData("latin-1", 5000)]
    [InlineData("latin1", 0)]
    public void Open_ArraysThatProtocol2WroteAsTexts_HaveTheirBytes(string table, int count)
    {
        byte[] bytes = [.. Enumerable.Range(0, count).Select(i => (byte)(41 * i))];
        byte[] data = count == 0 ? Call("__builtin__", "bytes") : Call("_codecs", "encode", System.Text.Encoding.Latin1.GetString(bytes), table);
        byte[] array = Array("u1", data, false, count);
        using (WeightSource pickle = Open(Pickle(Dict(("w", array)))))
        {
            Assert.Equal(bytes, pickle.Entry("w").Slice(0, count).ToArray());
        }

        using WeightSource zip = Open(TorchFile.Zip(Dict(("w", array), ("other", array))));
        Assert.Equal(bytes, zip.Entry("other").Slice(0, count).ToArray());
        Assert.Equal(zip.Files.Count, zip.Files.Select(file => file.Name).Distinct().Count());
    }

    [Theory]
    [InlineData("u4", "\u0100abc", "characters that are none")]
    [InlineData("u4", "abc", "does not fit")]
    [InlineData("u1", "ab", "does not fit")]
    public void Open_ArrayWhoseTextIsWrong_IsRefused(string type, string text, string what) =>
        AssertRefused(Pickle(Array(type, Call("_codecs", "encode", text, "latin1"), false, 1)), what);

    [Fact]
    public void Open_RandomStatesAndTypesBesideTheWeights_AreDataThatNobodyReads()
    {
        byte[] generator = Call("numpy.random._pickle", "__generator_ctor", Global("numpy.random._pcg64", "PCG64"), Global("builtins", "Ellipsis"));
        using WeightSource source = Open(Pickle(Dict(
            ("w", Array("f4", [(byte)'C', 4, 0, 0, 0x80, 0x3F], false, 1)), ("rng", generator), ("dtype", Global("numpy", "float32")))));
        Assert.Equal([1f], source.ReadFloats("w"));
        Assert.Single(source.Tensors);
    }

    private static byte[] Array(string type, byte[] data, bool columns, params int[] shape)
    {
        byte[] dtype = [.. Call("numpy", "dtype", type, false, true), .. Tuple(3, "<", null, null, null, -1, -1, 0), (byte)'b'];
        return [.. Call("numpy.core.multiarray", "_reconstruct", Global("numpy", "ndarray"), Tuple(0), "b"),
            .. Tuple(1, Tuple([.. shape.Cast<object>()]), dtype, columns, data), (byte)'b'];
    }

    private WeightSource Open(byte[] file)
    {
        File.WriteAllBytes(FilePath, file);
        return WeightSource.Open(FilePath);
    }

    private void AssertRefused(byte[] file, string what)
    {
        File.WriteAllBytes(FilePath, file);
        CloudsException e = Assert.Throws<CloudsException>(() => WeightSource.Open(FilePath));
        Assert.Equal(Failure.Weights, e.Failure);
        Assert.Contains(what, e.Message, StringComparison.Ordinal);
    }
}
