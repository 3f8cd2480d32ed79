using Clouds.Diagnostics;
using Clouds.Graph.Weights;

namespace Clouds.Tests.Graph.Weights;

[Kind(TestKind.Fast)]
public sealed class ShardIndexTests : IDisposable
{
    private const string First = "model-00001-of-00002.safetensors";
    private const string Second = "model-00002-of-00002.safetensors";

    private readonly TemporaryFolder _folder = new();

    public ShardIndexTests()
    {
        Shard(First, ("a", 1), ("b", 2));
        Shard(Second, ("c", 3));
        Index(("a", First), ("b", First), ("c", Second));
    }

    private string IndexPath => _folder["model.safetensors.index.json"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("model.safetensors.index.json")]
    [InlineData("")]
    public void Open_IndexOrItsFolder_ReadsEveryShard(string given)
    {
        using WeightSource source = WeightSource.Open(Path.Combine(_folder.Path, given));
        Assert.Equal(["a", "b", "c"], source.Tensors.Keys.Order());
        Assert.Equal([1f, 2f, 3f], source.Tensors.Keys.Order().Select(name => source.ReadFloats(name)[0]));
        Assert.Equal([First, Second], source.Files.Select(file => file.Name));
        Assert.Equal(First, source.Metadata["shard"]);
    }

    [Fact]
    public void Open_TensorThatTheIndexDoesNotKnow_IsLeftOut()
    {
        Index(("a", First), ("c", Second));
        using WeightSource source = WeightSource.Open(IndexPath);
        Assert.Equal(["a", "c"], source.Tensors.Keys.Order());
    }

    [Fact]
    public void Open_MissingShards_AreNamedTogether()
    {
        Index(("a", First), ("c", "x.safetensors"), ("d", "y.safetensors"));
        AssertRefused("2 of 3 weight files of the index are missing", "no x.safetensors, y.safetensors");
    }

    [Fact]
    public void Open_ShardThatLacksATensor_IsRefusedWithTheNearest()
    {
        Index(("a", First), ("layer.weight", Second));
        Shard(Second, ("layer.wieght", 3));
        AssertRefused("a weight file lacks a tensor of the index", $"'layer.wieght' in {Second}", "'layer.weight'");
    }

    [Fact]
    public void Open_TensorInTwoShards_IsRefused()
    {
        Shard(Second, ("c", 3), ("b", 4));
        AssertRefused("a tensor stands in two weight files", $"'b' in {Second} too", $"in {First} alone");
    }

    [Fact]
    public void Open_DamagedShard_IsRefusedByItsOwnName()
    {
        File.WriteAllBytes(_folder[Second], new byte[20]);
        AssertRefused(_folder[Second], "the header length makes no sense");
    }

    [Theory]
    [InlineData("../model.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("sub/model.safetensors")]
    [InlineData("sub\\\\model.safetensors")]
    [InlineData("c:model.safetensors")]
    [InlineData("a\\u0000b")]
    [InlineData("..")]
    [InlineData("")]
    public void Open_ShardOutsideTheFolder_IsRefused(string shard)
    {
        File.WriteAllText(IndexPath, $$"""{"weight_map": {"a": "{{shard}}"} }""");
        AssertRefused("damaged or hostile", "key 'weight_map.a'", "a file beside the index");
    }

    [Theory]
    [InlineData("{", "not valid JSON")]
    [InlineData("[]", "an object")]
    [InlineData("{}", "\"weight_map\"")]
    [InlineData("""{"weight_map": []}""", "found     []")]
    [InlineData("""{"weight_map": {}}""", "tensors with their files")]
    [InlineData("""{"weight_map": {"a": 5}}""", "found     5")]
    [InlineData("""{"weight_map": {"a": "x", "a": "y"}}""", "key 'weight_map.a'")]
    public void Open_IndexOfAnotherForm_IsRefused(string json, string found)
    {
        File.WriteAllText(IndexPath, json);
        AssertRefused("damaged or hostile", found);
    }

    [Fact]
    public void Open_IndexBeyondTheLimit_IsRefusedBeforeItIsRead()
    {
        using (FileStream file = File.Create(IndexPath))
        {
            file.SetLength(SafetensorsFile.MaxHeaderBytes + 1);
        }

        AssertRefused("too large for one");
    }

    [Fact]
    public void Open_MissingIndex_IsRefused()
    {
        File.Delete(IndexPath);
        AssertRefused("cannot be opened");
    }

    private void Index(params (string Tensor, string Shard)[] map) =>
        File.WriteAllText(IndexPath, $$"""
            {"metadata": {"total_size": 12}, "weight_map": { {{string.Join(", ", map.Select(entry => $"\"{entry.Tensor}\": \"{entry.Shard}\""))}} } }
            """);

    private void Shard(string name, params (string Name, float Value)[] tensors)
    {
        TensorDeclaration[] declared = [.. tensors.Select(tensor => new TensorDeclaration(tensor.Name, WeightType.F32, [1]))];
        using SafetensorsWriter writer = new(_folder[name], declared, new Dictionary<string, string> { ["shard"] = name });
        foreach ((string tensor, float value) in tensors)
        {
            writer.Write(tensor, new[] { value });
        }

        writer.Commit();
    }

    private void AssertRefused(params string[] texts)
    {
        CloudsException e = Assert.Throws<CloudsException>(() => WeightSource.Open(IndexPath));
        Assert.Equal(Failure.Weights, e.Failure);
        Assert.NotNull(e.Next);
        Assert.All(texts, text => Assert.Contains(text, e.Message, StringComparison.Ordinal));
    }
}
