using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Graph.Weights;

namespace Clouds.Tests.Graph.Weights;

[Kind(TestKind.Fast)]
public sealed class SafetensorsWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder["out.safetensors"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Commit_TensorsInPieces_ReadBackEqual()
    {
        float[] weights = [1.5f, -2, float.NaN, float.NegativeInfinity, float.Epsilon, 0];
        using (SafetensorsWriter writer = new(Path, [new("w", WeightType.F32, [2, 3]), new("empty", WeightType.F32, [0]), new("n", WeightType.I64, [])],
            new Dictionary<string, string> { ["made by"] = "test" }))
        {
            writer.Write("w", weights.AsSpan(0, 4).ToArray());
            writer.Write<float>("w", weights.AsSpan(4));
            writer.Write("n", new[] { long.MaxValue });
            writer.Commit();
        }

        using WeightSource file = WeightSource.Open(Path);
        Assert.Equal(weights, file.ReadFloats("w"));
        Assert.Equal([2L, 3L], file.Entry("w").Shape);
        Assert.Equal([long.MaxValue], file.ReadIntegers("n"));
        Assert.Equal("test", file.Metadata["made by"]);
        Assert.Equal([Path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Commit_NoTensors_WritesAReadableFile()
    {
        using (SafetensorsWriter writer = new(Path, []))
        {
            writer.Commit();
        }

        using WeightSource file = WeightSource.Open(Path);
        Assert.Empty(file.Tensors);
    }

    [Fact]
    public void Commit_IncompleteTensor_ThrowsAndLeavesNothing()
    {
        using (SafetensorsWriter writer = new(Path, [new("w", WeightType.F32, [4])]))
        {
            writer.Write("w", new float[3]);
            Assert.Throws<InvalidOperationException>(() => writer.Commit());
        }

        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Write_OutOfTurnOrTooMuch_Throws()
    {
        using SafetensorsWriter writer = new(Path, [new("a", WeightType.F32, [4]), new("b", WeightType.F32, [4])]);
        Assert.Throws<InvalidOperationException>(() => writer.Write("b", new float[4]));
        Assert.Throws<InvalidOperationException>(() => writer.Write("a", new float[5]));
    }

    [Fact]
    public void Write_FullDisk_KeepsTheOldFileAndRemovesTheTemporaryOne()
    {
        File.WriteAllText(Path, "old");
        CloudsException e = Assert.Throws<CloudsException>(() =>
        {
            using SafetensorsWriter writer =
                new([new("w", WeightType.F32, [10_000])], null, () => new AtomicFile(Path, temporary => new FullDisk(temporary, 20_000)));
            writer.Write("w", new float[10_000]);
            writer.Commit();
        });
        Assert.Equal(Failure.Output, e.Failure);
        Assert.Contains(Path, e.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(Path));
        Assert.Equal([Path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Constructor_UnderAFileInsteadOfAFolder_IsAnOutputFailure()
    {
        File.WriteAllText(_folder["none"], "");
        CloudsException e = Assert.Throws<CloudsException>(() => new SafetensorsWriter(System.IO.Path.Combine(_folder.Path, "none", "x.safetensors"), []));
        Assert.Equal(Failure.Output, e.Failure);
    }

    [Fact]
    public void Constructor_NameTwice_Throws() =>
        Assert.Throws<ArgumentException>(() => new SafetensorsWriter(Path, [new("a", WeightType.F32, [1]), new("a", WeightType.F32, [1])]));

    // A disk with room for so many bytes.
    private sealed class FullDisk(string path, long room) : FileStream(path, FileMode.Create, FileAccess.Write)
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (Position + buffer.Length > room)
            {
                throw new IOException("No space left on device");
            }

            base.Write(buffer);
        }
    }
}
