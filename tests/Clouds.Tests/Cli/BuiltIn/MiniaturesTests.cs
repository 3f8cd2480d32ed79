using System.Security.Cryptography;
using System.Text;
using Clouds.Cli.BuiltIn;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Training.Packing;

namespace Clouds.Tests.Cli.BuiltIn;

[Kind(TestKind.Fast)]
[Collection(Collection)]
public sealed class MiniaturesTests : IDisposable
{
    /// <summary>Tests that say what the names of carried weights mean.</summary>
    public const string Collection = "carried weights";

    private const string Config = "clip/open_clip_config.json";
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        CarriedWeights.Install(null);
        _folder.Dispose();
    }

    [Fact]
    public void Embedded_FourModels_HavePathsWithTheFilesInThem()
    {
        Miniatures miniatures = Miniatures.Embedded(Carried(_folder.Path));
        Assert.Equal("{}", File.ReadAllText(Path.Combine(miniatures.Clip, "open_clip_config.json")));
        Assert.Equal("sam", File.ReadAllText(miniatures.Sam));
        Assert.Equal("unet", File.ReadAllText(Path.Combine(miniatures.Diffusion, "unet", "config.json")));
        Assert.True(File.Exists(Path.Combine(miniatures.Language, "config.json")));
    }

    [Fact]
    public void Unpack_OtherContent_GoesToAnotherFolder()
    {
        string one = Carried(_folder.Path).Unpack("sam");
        string other = new MiniatureFiles(Streams(("sam/model.safetensors", "newer")), [_folder.Path]).Unpack("sam");
        Assert.NotEqual(one, other);
        Assert.Equal("sam", File.ReadAllText(Path.Combine(one, "model.safetensors")));
    }

    [Fact]
    public void Unpack_FileCutByACrash_IsMended()
    {
        string file = Path.Combine(Carried(_folder.Path).Unpack("clip"), "open_clip_config.json");
        File.WriteAllText(file, "{");
        Carried(_folder.Path).Unpack("clip");
        Assert.Equal("{}", File.ReadAllText(file));
    }

    [Fact]
    public void Unpack_SeveralAtOnce_AllFindTheSameWholeFiles()
    {
        byte[] large = [.. Enumerable.Range(0, 1 << 20).Select(i => (byte)i)];
        Dictionary<string, Func<Stream>> files = new() { ["llm/model.safetensors"] = () => new MemoryStream(large) };
        string[] found = new string[8];
        Parallel.For(0, found.Length, i => found[i] = new MiniatureFiles(files, [_folder.Path]).Unpack("llm"));
        Assert.Single(found.Distinct());
        Assert.Equal(large, File.ReadAllBytes(Path.Combine(found[0], "model.safetensors")));
        Assert.Single(Directory.GetFiles(found[0]));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Unpack_FirstPlaceCannotBeWritten_TakesTheNext()
    {
        string file = Path.Combine(_folder.Path, "file"), next = Path.Combine(_folder.Path, "next");
        File.WriteAllText(file, "");
        Assert.StartsWith(next, Carried(Path.Combine(file, "below"), next).Unpack("sam"), StringComparison.Ordinal);
    }

    [Fact]
    public void Unpack_NoPlaceCanBeWritten_TellsWhatToSet()
    {
        string file = Path.Combine(_folder.Path, "file");
        File.WriteAllText(file, "");
        CloudsException failure = Assert.Throws<CloudsException>(() => Carried(file).Unpack("sam"));
        Assert.Equal(Failure.Output, failure.Failure);
        Assert.Contains(file, failure.Found, StringComparison.Ordinal);
        Assert.Contains("XDG_CACHE_HOME", failure.Next, StringComparison.Ordinal);
    }

    [Fact]
    public void Unpack_NothingCarried_SaysSo()
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => new MiniatureFiles(Streams(), [_folder.Path]).Unpack("clip"));
        Assert.Equal((Failure.Usage, "mini:clip"), (failure.Failure, failure.Where));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("mini:clipp", "did you mean 'mini:clip'?")]
    [InlineData("mini:", "choose one of these")]
    [InlineData("mini:autoencoder", "choose one of these")]
    public void PathOf_NameOfNone_ListsThem(string name, string next)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => Miniatures.PathOf(name, Carried(_folder.Path)));
        Assert.Equal(("mini:clip, mini:sam, mini:diffusion, mini:llm", next), (failure.Wanted, failure.Next));
    }

    [Fact]
    public void Open_NameOfAMiniature_ReadsItsWeightsAndKeepsTheName()
    {
        string model = Path.Combine(_folder.Path, "made.safetensors");
        using (SafetensorsWriter writer = new(model, [new("weight", WeightType.F32, [2])]))
        {
            writer.Write("weight", (float[])[1, 2]);
            writer.Commit();
        }

        Dictionary<string, Func<Stream>> files = new() { ["clip/model.safetensors"] = () => File.OpenRead(model) };
        CarriedWeights.Install(name => Miniatures.PathOf(name, new MiniatureFiles(files, [_folder.Path])));
        using WeightSource source = WeightSource.Open("mini:clip");
        Assert.Equal("mini:clip", source.Path);
        Assert.Equal([1, 2], source.ReadFloats("weight"));
        Assert.Equal("mini:clip", CarriedWeights.Lasting("mini:clip"));
    }

    [Fact]
    public void Repository_Miniatures_TakeAtMost30MegabytesAndAreWhatTheirCardsSay()
    {
        string folder = Path.Combine(Repository.Root, "models", "mini");
        string[] files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories) : [];
        Assert.InRange(files.Sum(file => new FileInfo(file).Length), 0, 30_000_000);
        foreach (string path in files.Where(file => Path.GetFileName(file) == PackedCard.FileName))
        {
            PackedCard card = PackedCard.Read(File.ReadAllBytes(path), path);
            Assert.All(card.Files, file => Assert.Equal(
                file.Sha256, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(path)!, file.File))))));
        }
    }

    private static MiniatureFiles Carried(params string[] places) => new(
        Streams((Config, "{}"), ("clip/model.safetensors", "clip"), ("sam/model.safetensors", "sam"), ("diffusion/unet/config.json", "unet"),
            ("llm/config.json", "llm")), places);

    private static Dictionary<string, Func<Stream>> Streams(params (string Name, string Text)[] files) =>
        files.ToDictionary(file => file.Name, file => (Func<Stream>)(() => new MemoryStream(Encoding.UTF8.GetBytes(file.Text))));
}
