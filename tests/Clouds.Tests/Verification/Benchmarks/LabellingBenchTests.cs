using Clouds.Diagnostics;
using Clouds.Verification.Benchmarks;

namespace Clouds.Tests.Verification.Benchmarks;

[Kind(TestKind.Fast)]
public sealed class LabellingBenchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clouds-maps-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Read_Index_GivesTheMaps()
    {
        File.WriteAllBytes(Path.Combine(_folder, "a.u8"), [0, 1, 1, 0, 0, 1]);
        WriteIndex("""[{ "name": "a", "file": "a.u8", "h": 2, "w": 3, "kind": "binary", "density": 50 }]""");
        BenchMap map = Assert.Single(LabellingBench.Read(_folder));
        Assert.Equal(("a", 2, 3, true), (map.Name, map.Height, map.Width, map.Binary));
        Assert.Equal([0, 1, 1, 0, 0, 1], map.Pixels);
    }

    [Theory]
    [InlineData("no JSON", "the index of the label maps is not valid JSON")]
    [InlineData("""[{ "name": "a" }]""", "\"[0].h\"")]
    [InlineData("""[{ "name": "a", "file": "short.u8", "h": 0.5, "w": 3, "kind": "binary" }]""", "key '[0].h'")]
    [InlineData("""[{ "name": "a", "file": "gone.u8", "h": 2, "w": 3, "kind": "binary" }]""", "does not exist")]
    [InlineData("""[{ "name": "a", "file": "short.u8", "h": 2, "w": 3, "kind": "binary" }]""", "another size")]
    public void Read_DamagedFolder_SaysWhatIsWrong(string index, string reason)
    {
        File.WriteAllBytes(Path.Combine(_folder, "short.u8"), [1]);
        WriteIndex(index);
        CloudsException failure = Assert.Throws<CloudsException>(() => LabellingBench.Read(_folder));
        Assert.Equal(Failure.BadInput, failure.Failure);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_TooLittleTime_KeepsOneSampleARowAndSaysSo()
    {
        BenchMap map = new("a", 64, 64, Binary: true, new byte[64 * 64]);
        LabellingRow[] rows = [.. LabellingBench.Run([map, map], [1], runs: 9, TimeSpan.Zero, CancellationToken.None)];
        Assert.Equal(8, rows.Length);
        Assert.All(rows, row => Assert.Equal((1, true), (row.Time.Runs, row.Time.Cut)));
    }

    private void WriteIndex(string text) => File.WriteAllText(Path.Combine(_folder, "index.json"), text);
}
