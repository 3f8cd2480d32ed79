using Clouds.Diagnostics;
using Clouds.Graph.Weights;

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
    [InlineData("504B030414000000", "PyTorch pickle")]
    [InlineData("80028A0A6CFC9C46", "PyTorch pickle")]
    [InlineData("4747554603000000", "GGUF")]
    public void Open_FileOfAnotherFormat_SaysWhichItIs(string start, string format)
    {
        File.WriteAllBytes(_folder["model.bin"], [.. Convert.FromHexString(start), .. new byte[100]]);
        AssertRefused(_folder["model.bin"], "not a safetensors file", format, "export the weights as safetensors");
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
