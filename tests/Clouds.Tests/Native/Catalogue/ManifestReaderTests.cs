using System.Text.Json.Nodes;
using Clouds.Diagnostics;
using Clouds.Native.Catalogue;

namespace Clouds.Tests.Native.Catalogue;

[Kind(TestKind.Fast)]
public sealed class ManifestReaderTests
{
    [Fact]
    public void Tensors_WithBraces_AreAllOfTheirWords()
    {
        string[] names = [.. new SmallManifest().Entry().List.Tensors.Select(tensor => tensor.Name)];
        Assert.Equal(
            [
                "conv1.weight", "layer1.0.conv1.weight", "layer1.0.conv3.weight", "layer1.1.conv1.weight", "layer1.1.conv3.weight",
                "layer1.2.conv1.weight", "layer1.2.conv3.weight", "bn1.weight", "bn1.bias", "bn1.num_batches_tracked",
            ],
            names);
    }

    [Fact]
    public void Entry_CountsTensorsAndParameters()
    {
        CatalogueEntry entry = new SmallManifest().Entry();
        Assert.Equal((10, 6 + (6 * 4) + 4 + 1L), (entry.Tensors, entry.Parameters));
        Assert.Equal(9, entry.List.Required);
    }

    [Theory]
    [InlineData("conv1.weight 2x3")]
    [InlineData("conv1.weight 2x3 F32 more")]
    [InlineData("conv1.weight 2x-3 F32")]
    [InlineData("conv1.weight 2x3 F31")]
    [InlineData("conv1.weight 02 F32")]
    [InlineData("conv1.weight 2x99999999999 F32")]
    [InlineData("conv1.weight 999999999x999999999x999999999 F32")]
    [InlineData("conv1.weight 1x1x1x1x1x1x1x1x1 F32")]
    [InlineData("conv{1.weight 2x3 F32")]
    [InlineData("conv{1}.weight 2x3 F32")]
    [InlineData("conv{{1,2}}.weight 2x3 F32")]
    [InlineData("conv{1..}.weight 2x3 F32")]
    [InlineData("conv{2..1}.weight 2x3 F32")]
    [InlineData("conv{0..99999}.weight 2x3 F32")]
    [InlineData("conv{0..9999}{0..9999}.weight 2x3 F32")]
    [InlineData("conv{0..9999}{0..9999}{0..9999}{0..9999}{0..9999}{0..9999} 2x3 F32")]
    [InlineData("bn1.bias 2 F32")]
    public void Tensors_ThatAreNone_AreRefusedWithTheirPlace(string line)
    {
        JsonArray tensors = ["bn1.bias 2 F32", line];
        CloudsException e = Assert.Throws<CloudsException>(() => ManifestReader.Read(new SmallManifest().With("tensors", tensors).Text("00"), "m.json"));
        Assert.Equal(Failure.BadInput, e.Failure);
        Assert.Contains("tensors[1]", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_MoreThanAnyModelHas_AreRefused()
    {
        JsonArray tensors = [.. Enumerable.Range(0, 11).Select(i => (JsonNode)$"a{i}.{{0..9999}} 1 F32")];
        Assert.Contains("at most 100000 tensors",
            Assert.Throws<CloudsException>(() => ManifestReader.Read(new SmallManifest().With("tensors", tensors).Text("00"), "m.json")).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name", "../small")]
    [InlineData("name", "Small")]
    [InlineData("name", "")]
    [InlineData("home", "http://example.org")]
    [InlineData("home", "example.org")]
    [InlineData("home", "file:///etc/passwd")]
    [InlineData("licenceSource", "javascript:alert(1)")]
    [InlineData("names", "nobody")]
    [InlineData("title", 3)]
    [InlineData("colour", "red")]
    [InlineData("configuration", "in_rn50")]
    public void Key_WithAHostileValue_IsRefusedByItsName(string key, object value)
    {
        JsonNode node = value is int number ? number : (string)value;
        CloudsException e = Assert.Throws<CloudsException>(() => ManifestReader.Read(new SmallManifest().With(key, node).Text(), "m.json"));
        Assert.Equal(Failure.BadInput, e.Failure);
        Assert.Contains(key, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name", "../../etc/passwd")]
    [InlineData("name", "a/b.pth")]
    [InlineData("name", "..")]
    [InlineData("name", ".hidden")]
    [InlineData("name", "a\nb")]
    [InlineData("url", "http://example.org/small.pth")]
    [InlineData("url", "ftp://example.org/small.pth")]
    [InlineData("url", "https://user:word@example.org/small.pth")]
    [InlineData("sha256", "0676ba6")]
    [InlineData("sha256", "0676BA61")]
    [InlineData("sha256", "0676ba61 ")]
    [InlineData("bytes", "12")]
    [InlineData("path", "x")]
    public void File_WithAHostileValue_IsRefused(string key, string value)
    {
        JsonObject file = new() { ["name"] = "small.pth", ["url"] = "https://example.org/small.pth", [key] = value };
        CloudsException e = Assert.Throws<CloudsException>(() => ManifestReader.Read(new SmallManifest().With("files", new JsonArray(file)).Text(), "m.json"));
        Assert.Equal(Failure.BadInput, e.Failure);
        Assert.Contains($"files[0].{key}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_ThatCanBeHadNowhere_IsRefused() => Assert.Throws<CloudsException>(() =>
        ManifestReader.Read(new SmallManifest().With("files", new JsonArray(new JsonObject { ["name"] = "small.pth" })).Text(), "m.json"));

    [Fact]
    public void Digest_OfAnotherList_IsRefusedWithTheRightOne()
    {
        string digest = new SmallManifest().Entry().TensorDigest;
        CloudsException e = Assert.Throws<CloudsException>(() => ManifestReader.Read(new SmallManifest().Text(new string('0', 64)), "m.json"));
        Assert.Contains("'digest'", e.Message, StringComparison.Ordinal);
        Assert.Contains(digest, e.Message, StringComparison.Ordinal);
    }

    // Computed with sha256sum over the lines as TensorList.Digest describes them.
    [Fact]
    public void Digest_IsThatOfTheSortedLines() => Assert.Equal(
        "786ec0e21603decef2b6577fd9152f63986fc1f03e0c7674ccd398099c76310d", new SmallManifest().Entry().TensorDigest);
}
