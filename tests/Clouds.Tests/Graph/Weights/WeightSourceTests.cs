using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Tests.Graph.Weights.Torch;

namespace Clouds.Tests.Graph.Weights;

[Kind(TestKind.Fast)]
public sealed class WeightSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_FolderOfARun_TakesItsModel()
    {
        Write("checkpoint.safetensors");
        Write("model.safetensors");
        using WeightSource source = WeightSource.Open(_folder.Path);
        Assert.Equal("model.safetensors", Assert.Single(source.Files).Name);
        Assert.Equal(_folder.Path, source.Path);
    }

    [Fact]
    public void Open_FolderWithOneFile_TakesIt()
    {
        Write("open_clip_model.safetensors");
        using WeightSource source = WeightSource.Open(_folder.Path);
        Assert.Equal([1f], source.ReadFloats("w"));
    }

    [Fact]
    public void Open_FolderWithSeveralFiles_IsRefusedWithTheirNames()
    {
        Write("a.safetensors");
        Write("b.safetensors");
        AssertRefused(_folder.Path, "several weight files", "a.safetensors, b.safetensors");
    }

    [Fact]
    public void Open_FolderWithoutWeights_IsRefused() => AssertRefused(_folder.Path, "holds no weights", "give the weight file itself");

    [Theory]
    [InlineData("4747554603000000", "GGUF")]
    [InlineData("894844460D0A1A0A", "HDF5")]
    [InlineData("1F8B080000000000", "gzip")]
    [InlineData("504B050600000000", "an empty zip archive")]
    [InlineData("76657273696F6E2068747470733A2F2F6769742D6C66732E", "Git LFS")]
    [InlineData("3C21444F43545950452068746D6C3E", "a web page")]
    public void Open_FileOfAnotherFormat_SaysWhichItIs(string start, string format)
    {
        File.WriteAllBytes(_folder["model.bin"], [.. Convert.FromHexString(start), .. new byte[100]]);
        AssertRefused(_folder["model.bin"], "in no format of weights that is read", format, "fetch the weights in one of these formats");
    }

    [Fact]
    public void Open_FolderWithACheckpointOfPyTorch_TakesIt()
    {
        File.WriteAllBytes(_folder["pytorch_model.bin"], Checkpoint("w"));
        File.WriteAllText(_folder["config.txt"], "{}");
        using WeightSource source = WeightSource.Open(_folder.Path);
        Assert.Equal([0f, 1f], source.ReadFloats("w"));
    }

    [Fact]
    public void Open_ShardsOfPyTorch_AreOneSource()
    {
        File.WriteAllBytes(_folder["a.bin"], Checkpoint("a"));
        File.WriteAllBytes(_folder["b.bin"], Checkpoint("b"));
        File.WriteAllText(_folder["pytorch_model.bin.index.json"], """{"weight_map": {"a": "a.bin", "b": "b.bin"}}""");
        using WeightSource source = WeightSource.Open(_folder.Path);
        Assert.Equal(["a", "b"], source.Tensors.Keys);
        Assert.Equal("PyTorch (zip), 2 shards", source.Format);
    }

    [Fact]
    public void Open_TarOfTheFirstPyTorch_IsRefusedByName()
    {
        byte[] tar = new byte[1024];
        "sys_info"u8.CopyTo(tar);
        "ustar"u8.CopyTo(tar.AsSpan(257));
        File.WriteAllBytes(_folder["model.pth"], tar);
        AssertRefused(_folder["model.pth"], "a tar archive, as PyTorch 0.1 wrote them");
    }

    // 0x280 is how a pickle starts, too.
    [Fact]
    public void Open_HeaderLengthThatLooksLikeAPickle_IsRead()
    {
        File.WriteAllBytes(_folder["w.safetensors"], [0x80, 2, 0, 0, 0, 0, 0, 0, .. "{}"u8, .. Enumerable.Repeat((byte)' ', 638)]);
        using WeightSource source = WeightSource.Open(_folder["w.safetensors"]);
        Assert.Empty(source.Tensors);
    }

    [Fact]
    public void Open_EmptyFile_IsRefused()
    {
        File.WriteAllBytes(_folder["w.safetensors"], []);
        AssertRefused(_folder["w.safetensors"], "is empty");
    }

    [Fact]
    public void Slice_BeyondTheFile_Throws()
    {
        Write("w.safetensors");
        using WeightSource source = WeightSource.Open(_folder["w.safetensors"]);
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Tensors["w"].Slice(0, 2).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Files[0].Span(-1, 1).Length);
    }

    private static byte[] Checkpoint(string name) => TorchFile.Zip(
        PickleText.Ordered((name, PickleText.Tensor(PickleText.Storage("Float", "0", 2), 0, [2], [1]))), ("0", TorchFile.Floats(2)));

    private void Write(string name)
    {
        using SafetensorsWriter writer = new(_folder[name], [new("w", WeightType.F32, [1])]);
        writer.Write("w", [1f]);
        writer.Commit();
    }

    private static void AssertRefused(string path, params string[] texts)
    {
        CloudsException e = Assert.Throws<CloudsException>(() => WeightSource.Open(path));
        Assert.Equal(Failure.Weights, e.Failure);
        Assert.All(texts, text => Assert.Contains(text, e.Message, StringComparison.Ordinal));
    }
}
