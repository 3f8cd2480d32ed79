using Clouds.Native.Sam;

namespace Clouds.Tests.Native.Sam;

/// <summary>A folder of entries: damage, bounds, and many who use it at once.</summary>
[Kind(TestKind.Fast)]
public sealed class EntryFolderTests : IDisposable
{
    private const int Length = 1000;
    private const int Digest = 16;
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Find_KeptEntry_IsTheSameBytes()
    {
        EntryFolder entries = Open(10);
        Assert.Null(entries.Find(Name(1), Length));
        entries.Keep(Name(1), Bytes(1));
        entries.Keep(Name(2), Bytes(2));
        Assert.Equal(Bytes(1), entries.Find(Name(1), Length));
        Assert.Equal(Bytes(2), Open(10).Find(Name(2), Length));
        Assert.Empty(_warnings);
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("truncated")]
    [InlineData("longer")]
    [InlineData("digest")]
    [InlineData("first byte")]
    [InlineData("last byte")]
    [InlineData("of another name")]
    [InlineData("zeros")]
    public void Find_DamagedEntry_IsNotThereAndCanBeReplaced(string damage)
    {
        EntryFolder entries = Open(10);
        entries.Keep(Name(1), Bytes(1));
        entries.Keep(Name(2), Bytes(2));
        byte[] whole = File.ReadAllBytes(FileOf(1));
        byte[] Flipped(int i) => [.. whole.Select((value, place) => place == i ? (byte)(value ^ 4) : value)];
        File.WriteAllBytes(FileOf(1), damage switch
        {
            "empty" => [],
            "truncated" => whole[..^1],
            "longer" => [.. whole, 0],
            "digest" => Flipped(3),
            "first byte" => Flipped(Digest),
            "last byte" => Flipped(whole.Length - 1),
            "of another name" => File.ReadAllBytes(FileOf(2)),
            _ => new byte[whole.Length],
        });
        Assert.Null(entries.Find(Name(1), Length));
        entries.Keep(Name(1), Bytes(1));
        Assert.Equal(Bytes(1), entries.Find(Name(1), Length));
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Keep_MoreThanFits_RemovesThoseUsedLongestAgo()
    {
        EntryFolder entries = Open(3);
        for (int i = 1; i <= 3; i++)
        {
            entries.Keep(Name(i), Bytes(i));
            File.SetLastWriteTimeUtc(FileOf(i), DateTime.UtcNow.AddMinutes(i - 10));
        }

        Assert.NotNull(entries.Find(Name(1), Length));
        entries.Keep(Name(4), Bytes(4));
        Assert.Equal([true, false, true, true], Enumerable.Range(1, 4).Select(i => File.Exists(FileOf(i))));
        entries.Keep(Name(5), Bytes(5));
        Assert.Equal([true, false, false, true, true], Enumerable.Range(1, 5).Select(i => File.Exists(FileOf(i))));
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Keep_EntryLargerThanTheBound_IsNotKept()
    {
        new EntryFolder(_folder["entries"], Length, _warnings.Add).Keep(Name(1), Bytes(1));
        Assert.False(Directory.Exists(_folder["entries"]));
    }

    [Fact]
    public void Keep_FolderWithOtherFiles_LeavesThemAndRemovesWhatAKilledProcessLeft()
    {
        Directory.CreateDirectory(_folder["entries"]);
        string[] others = ["notes.txt", "street.embedding", $"{Name(7)}.png", $"{Name(0xabc).ToUpperInvariant()}.embedding"];
        string[] begun = [$"{Name(9)}.embedding.{Guid.NewGuid():N}.tmp", $"{Name(9)}.embedding.{Guid.NewGuid():N}.tmp"];
        foreach (string name in (string[])[.. others, .. begun])
        {
            File.WriteAllBytes(_folder[$"entries/{name}"], new byte[5000]);
            File.SetLastWriteTimeUtc(_folder[$"entries/{name}"], DateTime.UtcNow.AddDays(-3));
        }

        File.SetLastWriteTimeUtc(_folder[$"entries/{begun[1]}"], DateTime.UtcNow);
        EntryFolder entries = Open(9);
        entries.Keep(Name(1), Bytes(1));
        Assert.Equal(
            ((string[])[.. others, begun[1], $"{Name(1)}.embedding"]).Order(StringComparer.Ordinal),
            Directory.GetFiles(_folder["entries"]).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
        Assert.Empty(_warnings);
    }

    [Theory]
    [InlineData("a file in its place")]
    [InlineData("no folder can be made there")]
    public void Keep_FolderThatCannotBeWritten_WarnsOnce(string fault)
    {
        File.WriteAllText(_folder["entries"], "");
        EntryFolder entries = new(fault == "a file in its place" ? _folder["entries"] : "/proc/clouds/entries", 1 << 20, _warnings.Add);
        for (int i = 0; i < 3; i++)
        {
            entries.Keep(Name(i), Bytes(i));
            Assert.Null(entries.Find(Name(i), Length));
        }

        Assert.Contains("cannot be kept", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Keep_FolderInTheEntrysPlace_WarnsOnceAndLeavesNothingBehind()
    {
        Directory.CreateDirectory(_folder[$"entries/{Name(1)}.embedding"]);
        EntryFolder entries = Open(10);
        Assert.Null(entries.Find(Name(1), Length));
        entries.Keep(Name(1), Bytes(1));
        entries.Keep(Name(1), Bytes(1));
        Assert.Single(_warnings);
        Assert.Empty(Directory.GetFiles(_folder["entries"]));
    }

    // Bytes of an entry never differ in life; here they do, so that a mixture would be seen.
    [Fact]
    public void KeepAndFind_ManyThreadsInAFullFolder_EveryEntryIsWhole()
    {
        int found = 0;
        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 16 }, thread =>
        {
            EntryFolder entries = Open(5);
            for (int i = 0; i < 150; i++)
            {
                int name = (i + thread) % 8;
                if (entries.Find(Name(name), Length) is byte[] bytes)
                {
                    Interlocked.Increment(ref found);
                    Assert.Equal(Bytes(bytes[0]), bytes);
                }

                entries.Keep(Name(name), Bytes(thread));
            }
        });
        Assert.Empty(_warnings);
        Assert.InRange(found, 1, 16 * 150);
        Assert.All(Directory.GetFiles(_folder["entries"]), path => Assert.EndsWith(".embedding", path, StringComparison.Ordinal));
        Open(5).Keep(Name(0), Bytes(0));
        Assert.InRange(Directory.GetFiles(_folder["entries"]).Length, 1, 5);
    }

    private EntryFolder Open(int most) => new(_folder["entries"], most * (Length + Digest), warning =>
    {
        lock (_warnings)
        {
            _warnings.Add(warning);
        }
    });

    private string FileOf(int i) => _folder[$"entries/{Name(i)}.embedding"];

    private static string Name(int i) => $"{i:x32}";

    private static byte[] Bytes(int i) => [.. Enumerable.Range(0, Length).Select(place => (byte)(i + (place % 7 * place)))];
}
