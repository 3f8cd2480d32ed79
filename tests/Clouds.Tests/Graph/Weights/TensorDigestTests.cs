using System.Security.Cryptography;
using Clouds.Graph.Weights;
using Clouds.Tests.Graph.Weights.Torch;
using static Clouds.Tests.Graph.Weights.Torch.PickleText;

namespace Clouds.Tests.Graph.Weights;

[Kind(TestKind.Fast)]
public sealed class TensorDigestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder["w.pth"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_ViewsOfOneStorage_AreOfTheirElementsInOrder()
    {
        byte[] storage = Storage("Float", "0", 6);
        File.WriteAllBytes(FilePath, TorchFile.Zip(
            Ordered(("a", Tensor(storage, 0, [2, 3], [3, 1])),
                ("t", Tensor(storage, 0, [3, 2], [1, 3])), ("b", Tensor(storage, 0, [6], [1])), ("none", Tensor(storage, 0, [0], [1]))),
            ("0", TorchFile.Floats(6))));
        using WeightSource source = WeightSource.Open(FilePath);
        IReadOnlyList<TensorDigest> digests = TensorDigest.Of(source, null, CancellationToken.None);
        string inOrder = Digest([0, 1, 2, 3, 4, 5]);
        Assert.Equal([("a", "F32", inOrder, 15d), ("t", "F32", Digest([0, 3, 1, 4, 2, 5]), 15), ("b", "F32", inOrder, 15), ("none", "F32", Digest([]), 0)],
            digests.Select(digest => (digest.Name, digest.Dtype, digest.Sha256, digest.Sum)));
        Assert.Equal([3L, 2L], digests[1].Shape);
    }

    [Fact]
    public void Of_TensorOfManyPieces_IsTheDigestOfAllOfThem()
    {
        byte[] bytes = new byte[3_000_001];
        new Random(1).NextBytes(bytes);
        File.WriteAllBytes(FilePath, TorchFile.Zip(Tensor(Storage("Byte", "0", bytes.Length), 0, [bytes.Length], [1]), ("0", bytes)));
        using WeightSource source = WeightSource.Open(FilePath);
        TensorDigest digest = Assert.Single(TensorDigest.Of(source, null, CancellationToken.None));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), digest.Sha256);
        Assert.Equal(bytes.Sum(value => (double)value), digest.Sum);
    }

    [Fact]
    public void Card_OfACheckpoint_CountsByTypeAndKnowsTheDialectBelowItsKeys()
    {
        byte[] one = Tensor(Storage("Float", "0", 6), 0, [6], [1]);
        File.WriteAllBytes(FilePath, TorchFile.Zip(Dict(
            ("license", "MIT"), ("state_dict", Ordered(("module.patch_embed1.proj.weight", one), ("module.block1.0.attn.q.weight", one),
                ("module.steps", Tensor(Storage("Long", "1", 1), 0, [], []))))), ("0", TorchFile.Floats(6)), ("1", new byte[8])));
        using WeightSource source = WeightSource.Open(FilePath);
        WeightCard card = WeightCard.Of(source);
        Assert.Equal(("segformer", "state_dict.module.", "MIT"), (card.Dialect, card.Below, card.Licence));
        Assert.Equal([new DtypeCount("F32", 2, 12, 48), new DtypeCount("I64", 1, 1, 8)], card.Dtypes);
        Assert.Equal((3, 13L, new FileInfo(FilePath).Length), (card.Tensors, card.Parameters, card.Bytes));
    }

    private static string Digest(float[] values) =>
        Convert.ToHexStringLower(SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values)));
}
