using Clouds.Diagnostics;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;
using static Clouds.Tests.Training.Known.MiniatureTree;

namespace Clouds.Tests.Training.Known;

/// <summary>Folders of generated images, with and without the list that their maker keeps.</summary>
[Kind(TestKind.Fast)]
public sealed class StoreManifestTests : IDisposable
{
    private readonly MiniatureTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("images/")]
    [InlineData("")]
    public void Generated_WithoutLabels_IsImagesInTheOrderOfTheirNumbers(string below)
    {
        _tree.Photographs(((string[])["im_0_p0", "im_10_p10", "im_2_p2", "im_1_p1"]).Select(name => $"{below}{name}.png"));
        IImageSet set = DatasetSource.OpenImages($"generated:{_tree.Path}?first=3");

        Assert.Equal(["im_0_p0", "im_1_p1", "im_2_p2"], Names(set));
        Assert.IsNotType<IDataset>(set, exactMatch: false);
    }

    [Theory]
    [InlineData("images/")]
    [InlineData("")]
    public void Generated_WithAListOfItsImages_HasThoseAlone(string below)
    {
        List<string> told = [];
        _tree.Photographs($"{below}000000.png", $"{below}000001.png", $"{below}000002.png", $"{below}contact.png");
        File.WriteAllLines(_tree["manifest.jsonl"], ((string[])["000000", "000002", "000003"])
            .Select(name => $$"""{ "file": "{{below}}{{name}}.png", "prompt": "a photo of a car in the rain" }""").Append("""{ "file": "0000"""));

        Assert.Equal(["000000", "000002"], Names(DatasetSource.OpenImages($"generated:{_tree.Path}", told.Add)));
        Assert.Equal(
            [
                $"{_tree["manifest.jsonl"]}: 1 images are listed and not there: {below}000003.png",
                $"{_tree["manifest.jsonl"]}: 2 images are there and not listed; they are left out",
            ],
            told);
        Assert.Equal(["000002"], Names(DatasetSource.OpenImages($"generated:{_tree.Path}?skip=1")));
    }

    [Theory]
    [InlineData("no JSON\n{ \"file\": \"0.png\" }", "line 1: no JSON")]
    [InlineData("{ \"prompt\": \"a\" }\n{ \"file\": \"0.png\" }", "a JSON object a line, with a \"file\"")]
    [InlineData("{ \"file\": \"7.png\" }", "none of which is there")]
    public void Generated_WithAListThatCannotBeUsed_SaysWhatToDoWithIt(string list, string told)
    {
        _tree.Photographs("0.png");
        File.WriteAllText(_tree["manifest.jsonl"], list);

        CloudsException failure = Assert.Throws<CloudsException>(() => DatasetSource.OpenImages($"generated:{_tree.Path}"));

        Assert.Equal(Failure.BadInput, failure.Failure);
        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
        Assert.Contains("move it away", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Generated_WithAListOfEachProcess_HasTheImagesOfAll()
    {
        List<string> told = [];
        _tree.Photographs("images/000000.png", "images/000001.png", "images/000002.png", "images/000003.png");
        File.WriteAllText(_tree["manifest-10-of-12.jsonl"], "{\"file\":\"images/000003.png\"}\n{\"file\":\"images/0");
        File.WriteAllText(_tree["manifest-2-of-12.jsonl"], "{\"file\":\"images/000000.png\"}\n{\"file\":\"images/000001.png\"}\n");
        File.WriteAllText(_tree["manifest.jsonl"], "{\"file\":\"images/000001.png\"}\n");

        Assert.Equal(["000000", "000001", "000003"], Names(DatasetSource.OpenImages($"generated:{_tree.Path}", told.Add)));
        Assert.Equal([$"{_tree.Path}: 1 images are there and not listed; they are left out"], told);
    }

    [Fact]
    public void Generated_Unmarked_LeavesMarkedImagesOut()
    {
        List<string> told = [];
        _tree.Photographs("images/000000.png", "images/000001.png", "images/000002.png");
        File.WriteAllLines(_tree["manifest.jsonl"], Enumerable.Range(0, 3).Select(i => $$"""{"file":"images/00000{{i}}.png"}"""));
        File.WriteAllText(_tree["marks.jsonl"], """{"file":"images/000001.png","reason":"constant","value":0}""");

        Assert.Equal(["000000", "000001", "000002"], Names(DatasetSource.OpenImages($"generated:{_tree.Path}")));
        Assert.Equal(["000000", "000002"], Names(DatasetSource.OpenImages($"generated:{_tree.Path}?images=unmarked", told.Add)));
        Assert.Equal([$"{_tree["manifest.jsonl"]}: 1 images are marked and left out"], told);
    }

    [Theory]
    [InlineData("{\"file\":\"0.png\"}", "{\"file\":\"0.png\",\"reason\":\"constant\",\"value\":0}", "all of which are marked")]
    [InlineData(null, "{\"file\":\"0.png\",\"reason\":\"constant\",\"value\":0}", "no such file")]
    [InlineData("{\"file\":\"0.png\"}", "a mark", "the marks of a store's images cannot be read")]
    public void Generated_UnmarkedThatCannotBeTold_IsBadInput(string? list, string marks, string told)
    {
        _tree.Photographs("0.png");
        File.WriteAllText(_tree["marks.jsonl"], marks);
        if (list is not null)
        {
            File.WriteAllText(_tree["manifest.jsonl"], list);
        }

        CloudsException failure = Assert.Throws<CloudsException>(() => DatasetSource.OpenImages($"generated:{_tree.Path}?images=unmarked"));

        Assert.Equal(Failure.BadInput, failure.Failure);
        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Generated_WithLabels_IsALabelledSet()
    {
        _tree.Photographs("images/0.png", "images/1.png").Gray("labels/0.png", 1, 255).Gray("labels/1.png", 2);

        Assert.Equal([1, 255], Labels(DatasetSource.Open($"generated:{_tree.Path}"), 0, 2));
    }
}
