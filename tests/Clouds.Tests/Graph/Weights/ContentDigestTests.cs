using System.Text;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;

namespace Clouds.Tests.Graph.Weights;

[Kind(TestKind.Fast)]
public sealed class ContentDigestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder["model.safetensors"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_EachBitOfAFileOfOursFlippedInTurn_IsRefused()
    {
        byte[] whole = Write();
        for (int bit = 0; bit < 8 * whole.Length; bit++)
        {
            byte[] flipped = [.. whole];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(Path, flipped);
            CloudsException failure = Assert.Throws<CloudsException>(() => WeightSource.Open(Path));
            Assert.Equal(Failure.Weights, failure.Failure);
        }
    }

    [Fact]
    public void Open_ChangedElement_SaysThatTheContentIsNotWhatWasWritten()
    {
        byte[] file = Write();
        file[^3]++;
        File.WriteAllBytes(Path, file);
        CloudsException failure = Assert.Throws<CloudsException>(() => WeightSource.Open(Path));
        Assert.Contains("not what was written", failure.What, StringComparison.Ordinal);
        Assert.Equal(Path, failure.Where);
    }

    [Fact]
    public void Open_UnchangedFile_HasItsMetadataWithoutTheDigest()
    {
        Write();
        using WeightSource file = WeightSource.Open(Path);
        Assert.Equal(["clouds.format"], file.Metadata.Keys);
    }

    [Fact]
    public void Open_FileOfAnotherAuthorWithoutADigest_IsRead()
    {
        string header = """{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";
        File.WriteAllBytes(Path, [.. BitConverter.GetBytes((long)header.Length), .. Encoding.UTF8.GetBytes(header), .. new byte[8]]);
        using WeightSource file = WeightSource.Open(Path);
        Assert.Equal([0f, 0f], file.ReadFloats("w"));
    }

    // What stands where 1 MiB ends has to be read like the rest, the digest's own place included.
    [Theory]
    [InlineData((1 << 20) - 220)]
    [InlineData((1 << 20) - 190)]
    [InlineData(3 << 20)]
    public void Open_HeaderOfSeveralPieces_IsReadAsWritten(int length)
    {
        using (SafetensorsWriter writer = new(Path, [new("w", WeightType.U8, [5])], new Dictionary<string, string> { ["a"] = new('x', length) }))
        {
            writer.Write("w", new byte[] { 1, 2, 3, 4, 5 });
            writer.Commit();
        }

        using WeightSource file = WeightSource.Open(Path);
        Assert.Equal([1L, 2, 3, 4, 5], file.ReadIntegers("w"));
    }

    private byte[] Write()
    {
        using (SafetensorsWriter writer = new(Path, [new("w", WeightType.F32, [3])], new Dictionary<string, string>([FormatVersion.Entry(1)])))
        {
            writer.Write("w", new[] { 1f, -2, 0 });
            writer.Commit();
        }

        return File.ReadAllBytes(Path);
    }
}
