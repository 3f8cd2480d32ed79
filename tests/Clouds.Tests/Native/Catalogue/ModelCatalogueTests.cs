using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Encoders;
using Clouds.Models.Sam;
using Clouds.Native.Catalogue;

namespace Clouds.Tests.Native.Catalogue;

[Kind(TestKind.Fast)]
public sealed class ModelCatalogueTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> WithEncoder =>
        [.. ModelCatalogue.BuiltIn.Entries.Where(entry => entry.Configuration.ContainsKey("encoder")).Select(entry => entry.Name)];

    public void Dispose() => _folder.Dispose();

    // The key lists were read from the reference's modules (tests/golden/README.md).
    [Theory]
    [InlineData("clip_rn50")]
    [InlineData("clip_rn101")]
    [InlineData("torchvision_resnet50")]
    [InlineData("torchvision_resnet101")]
    [InlineData("mit_b5")]
    [InlineData("open_clip_convnext_large_d_320")]
    [InlineData("clouds_convnext_l")]
    [InlineData("clouds_rn50")]
    [InlineData("clouds_rn101")]
    [InlineData("sam_vit_b")]
    [InlineData("sam_vit_l")]
    [InlineData("sam_vit_h")]
    [InlineData("mobile_sam")]
    [InlineData("sd15_text_encoder")]
    [InlineData("sd15_unet")]
    [InlineData("sd2_text_encoder")]
    [InlineData("sd2_unet")]
    [InlineData("llama2_7b")]
    public void Entry_ListsTheTensorsOfTheReference(string name) => Assert.Equal(
        Reference(name), ModelCatalogue.BuiltIn[name].List.Tensors.Select(Line).Order(StringComparer.Ordinal));

    // Both versions of Stable Diffusion have this autoencoder.
    [Fact]
    public void Autoencoder_ListsTheTensorsOfTheReference() => Assert.Equal(
        Reference("sd15_vae"), ModelCatalogue.BuiltIn["sd_vae"].List.Tensors.Select(Line).Order(StringComparer.Ordinal));

    [Fact]
    public void Mask2Former_ListsTheHeadOfTheReference() => Assert.Equal(
        Reference("mask2former_r50_sem_head"),
        ModelCatalogue.BuiltIn["mask2former_r50"].List.Tensors.Where(tensor => !tensor.Name.StartsWith("backbone.", StringComparison.Ordinal))
            .Select(Line).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(WithEncoder))]
    public void Entry_WithAnEncoder_HasAllOfItUnderOurNames(string name)
    {
        CatalogueEntry entry = ModelCatalogue.BuiltIn[name];
        Dictionary<string, string> shapes = entry.List.Tensors.ToDictionary(tensor => entry.Map.Translate(tensor.Name), tensor => tensor.Extents);
        GraphBuilder g = new("encoder");
        IEncoder encoder = EncoderConfig.Published[entry.Configuration["encoder"]].Create();
        using (g.Scope(encoder.Scope))
        {
            encoder.Build(g, g.Input("image", ElementType.Float, [1, 3, 64, 64]));
        }

        Assert.All(g.Parameters, parameter => Assert.Equal(string.Join('x', parameter.Shape.Sizes), shapes[parameter.Name].Replace("scalar", "")));
    }

    [Fact]
    public void Entries_WithSegmentAnything_NameItsPublishedSizes()
    {
        string[] sizes = [.. ModelCatalogue.BuiltIn.Entries.Select(entry => entry.Configuration.GetValueOrDefault("segmentAnything")).OfType<string>()];
        Assert.Equal(4, sizes.Length);
        Assert.All(sizes, size => Assert.Contains(size, SamConfig.Published.Keys));
    }

    // Digests that are known come from the publishers themselves: OpenAI's addresses and torchvision's names hold them.
    [Theory]
    [InlineData("clip_rn50", "RN50.pt", "afeb0e10f9e5a86da6080e35cf09123aca3b358a0c3e3b6c78a7b63bc04b6762")]
    [InlineData("torchvision_resnet50", "resnet50-0676ba61.pth", "0676ba61")]
    public void File_WhoseAddressHoldsItsDigest_HasIt(string name, string file, string digest)
    {
        PublishedFile published = Assert.Single(ModelCatalogue.BuiltIn[name].Files, published => published.Name == file);
        Assert.Equal(digest, published.Sha256);
        Assert.Contains(digest, published.Url!.AbsoluteUri, StringComparison.Ordinal);
        Assert.True(published.IsDigest(digest.PadRight(64, '0')));
        Assert.False(published.IsDigest(new string('1', 64)));
    }

    [Fact]
    public void Files_WithoutAPublishedDigest_SaySo()
    {
        PublishedFile file = Assert.Single(ModelCatalogue.BuiltIn["mit_b5"].Files);
        Assert.Null(file.Sha256);
        Assert.Null(file.IsDigest(new string('0', 64)));
    }

    [Fact]
    public void Name_WithASlip_NamesTheNearest()
    {
        CloudsException e = Assert.Throws<CloudsException>(() => ModelCatalogue.BuiltIn["clip_rn5O"]);
        Assert.Equal(Failure.Usage, e.Failure);
        Assert.Contains("clip_rn50", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_AFolderOfManifests_AddsThemAndLetsThemGoFirst()
    {
        new SmallManifest().Save(_folder.Path);
        new SmallManifest().With("name", "clip_rn50").Save(_folder.Path);
        ModelCatalogue catalogue = ModelCatalogue.BuiltIn.With(_folder.Path);
        Assert.Equal("A small model", catalogue["small"].Title);
        Assert.Equal("A small model", catalogue["clip_rn50"].Title);
        Assert.Equal(ModelCatalogue.BuiltIn.Entries.Count + 1, catalogue.Entries.Count);
    }

    [Fact]
    public void With_NoFolder_IsRefused() =>
        Assert.Equal(Failure.BadInput, Assert.Throws<CloudsException>(() => ModelCatalogue.BuiltIn.With(_folder["none"])).Failure);

    [Fact]
    public void With_TwoManifestsOfOneName_IsRefused()
    {
        new SmallManifest().Save(_folder.Path);
        File.Copy(Path.Combine(_folder.Path, "small.json"), _folder["again.json"]);
        Assert.Contains("'small' twice", Assert.Throws<CloudsException>(() => ModelCatalogue.BuiltIn.With(_folder.Path)).Message, StringComparison.Ordinal);
    }

    private static string Line(ListedTensor tensor) => $"{tensor.Name}\t{tensor.Extents}\t{tensor.Type.Spelling()}";

    private static IEnumerable<string> Reference(string name) =>
        File.ReadLines(Path.Combine(Repository.Root, "tests", "golden", "manifests", $"{name}.tsv"))
            .Where(line => !line.StartsWith('#')).Order(StringComparer.Ordinal);
}
