using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Tests.Native.Images;
using Clouds.Training.Datasets;
using Clouds.Training.Drafts;

namespace Clouds.Tests.Training.Drafts;

[Kind(TestKind.Fast)]
public sealed class DatasetDraftTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_CityscapesFolders_TakesLabelIdsAndTheSplitOfTheFolders()
    {
        foreach (string city in (string[])["train/aachen/aachen_000000_000019", "train/bremen/bremen_000001_000019", "val/ulm/ulm_000002_000019"])
        {
            Photograph($"leftImg8bit/{city}_leftImg8bit.png");
            Ids($"gtFine/{city}_gtFine_labelIds.png", 7, 26, 0);
            Ids($"gtFine/{city}_gtFine_instanceIds.png", 7, 26001, 0);
            Colours($"gtFine/{city}_gtFine_color.png", new(128, 64, 128), new(0, 0, 142));
        }

        DatasetDraft draft = Written();

        FolderDataset train = FolderDataset.Open(_folder["train.json"]);
        Assert.Equal(["train/aachen/aachen_000000_000019_leftImg8bit", "train/bremen/bremen_000001_000019_leftImg8bit"], Names(train));
        Assert.Equal([0, 13, 255], train.Load(0).Labels.Ids[..3].Select(id => (int)id));
        Assert.Equal(["val/ulm/ulm_000002_000019_leftImg8bit"], Names(FolderDataset.Open(_folder["val.json"])));
        Assert.Contains(draft.Guesses, guess => guess.Contains("names end in _gtFine_labelIds", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("validation/images/a.jpg", "validation/v1.2/labels/a.png", 65, true)]
    [InlineData("images/10k/val/a.jpg", "labels/sem_seg/masks/val/a.png", 255, true)]
    [InlineData("rgb_anon/fog/train/s1/a_rgb_anon.png", "gt/fog/train/s1/a_gt_labelTrainIds.png", 255, true)]
    [InlineData("leftImg8bit/train/a/a_leftImg8bit.png", "gtFine/train/a/a_gtFine_labelIds.png", 0, false)]
    [InlineData("leftImg8bit/train/a/a_leftImg8bit.png", "gtFine/train/a/a_gtFine_labelTrainIds.png", 255, false)]
    [InlineData("images/00001.png", "labels/00001.png", 34, false)]
    public void Of_PublishedSet_KnowsWhatItIgnoresAndAtWhichSizeItIsScored(string image, string label, ushort ignored, bool resized)
    {
        Photograph(image);
        Ids(label, ignored, 13, 7, 17, 8);

        DatasetDraft draft = Written();

        FolderDataset data = FolderDataset.Open(_folder["dataset.json"]);
        Assert.Equal((255, resized), (data.Load(0).Labels.Ids[0], data.ScoredResized));
        Assert.Contains(draft.Guesses, guess => guess.Contains("at which size it is scored", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_Gta5_LeavesOutThePairsThatTheReferenceCodeLeavesOut()
    {
        string[] names = ["15187", "15188", "20800", "20801", "20861"];
        names.ToList().ForEach(name => Photograph($"images/{name}.png"));
        names.ToList().ForEach(name => Ids($"labels/{name}.png", 7, 26, 34));

        DatasetDraft draft = Written();

        Assert.Equal(["15187", "20800", "20861"], Names(FolderDataset.Open(_folder["dataset.json"])));
        Assert.Equal(3, draft.Train + draft.Val);
    }

    [Fact]
    public void Of_Synthia_ReadsTheRedChannelOfSixteenBits()
    {
        Photograph("RGB/0000000.png");
        File.WriteAllBytes(_folder["GT/LABELS/0000000.png"],
            new PngWriter(24, 16, 16, 2, 3).Encode((x, _, channel) => channel == 0 ? x % 23 : 1000 * channel));

        Written();

        Assert.Equal([255, 10, 2, 0], FolderDataset.Open(_folder["dataset.json"]).Load(0).Labels.Ids[..4].Select(id => (int)id));
    }

    [Fact]
    public void Of_CamVid_KnowsItsClassesByItsNamesAndIds()
    {
        foreach (string name in (string[])["0001TP_006690", "0016E5_00390", "Seq05VD_f00000"])
        {
            Photograph($"images/{name}.png");
            Ids($"labels/{name}.png", 0, 3, 11);
        }

        Written();

        FolderDataset data = FolderDataset.Open(_folder["dataset.json"]);
        Assert.Equal(("Sky", "Road", 11), (data.Classes.Names[0], data.Classes.Names[3], data.Classes.Count));
        Assert.Equal([0, 3, 255], data.Load(0).Labels.Ids[..3].Select(id => (int)id));
    }

    [Fact]
    public void Of_CamVidColours_GroupsItsThirtyTwoClassesToEleven()
    {
        Photograph("701_StillsRaw_full/0001TP_006690.png");
        Colours("LabeledApproved_full/0001TP_006690_L.png", new(128, 0, 192), new(64, 192, 0), new(0, 0, 0));

        Written();

        FolderDataset data = FolderDataset.Open(_folder["dataset.json"]);
        Assert.Equal([3, 1, 255], data.Load(0).Labels.Ids[..3].Select(id => (int)id));
    }

    [Theory]
    [InlineData("training/images/a.jpg", "training/v1.2/labels/a.png", 13, 0)]
    [InlineData("images/10k/train/a.jpg", "labels/sem_seg/masks/train/a.png", 13, 13)]
    [InlineData("a.jpg", "a.png", 13, 13)]
    [InlineData("a.jpg", "a_mask.png", 13, 13)]
    [InlineData("photos/a_rgb.png", "truth/a_ids.png", 13, 13)]
    [InlineData("train/a.png", "trainannot/a.png", 13, 13)]
    [InlineData("rgb_anon/fog/train/s1/a_rgb_anon.png", "gt/fog/train/s1/a_gt_labelTrainIds.png", 13, 13)]
    public void Of_UsualLayouts_FindsTheLabel(string image, string label, ushort id, int train)
    {
        foreach (string stem in (string[])["a", "b"])
        {
            Photograph(Path.Combine(Path.GetDirectoryName(image)!, $"{stem}{Path.GetFileName(image)[1..]}"));
            Ids(Path.Combine(Path.GetDirectoryName(label)!, $"{stem}{Path.GetFileName(label)[1..]}"), id, 4, 255);
        }

        Written();

        FolderDataset data = FolderDataset.Open(_folder["dataset.json"]);
        Assert.Equal(2, data.Count);
        Assert.Equal(train, data.Load(0).Labels.Ids[0]);
    }

    [Fact]
    public void Of_Masks_ReadsZeroAnd255AsTwoClasses()
    {
        Photograph("images/a.png");
        Ids("masks/a.png", 0, 255);

        Written();

        Assert.Equal([0, 1], FolderDataset.Open(_folder["dataset.json"]).Load(0).Labels.Ids[..2].Select(id => (int)id));
    }

    [Fact]
    public void Of_UnknownColours_MakesAClassOfEach()
    {
        Photograph("images/a.png");
        Colours("labels/a.png", new(1, 2, 3), new(250, 0, 7));

        Written();

        FolderDataset data = FolderDataset.Open(_folder["dataset.json"]);
        Assert.Equal(["1,2,3", "250,0,7"], data.Classes.Names);
        Assert.Equal([0, 1], data.Load(0).Labels.Ids[..2].Select(id => (int)id));
    }

    [Fact]
    public void Of_ImagesWithoutLabel_AreLeftOutByAList()
    {
        "abc".ToList().ForEach(name => Photograph($"images/{name}.png"));
        "ab".ToList().ForEach(name => Ids($"labels/{name}.png", 0, 1));

        DatasetDraft draft = Written();

        Assert.Equal(["a", "b"], Names(FolderDataset.Open(_folder["dataset.json"])));
        Assert.Contains(draft.Guesses, guess => guess.Contains("2 of 3 images have one", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_PredictionsBesideLabels_AreNotTakenForThem()
    {
        Photograph("images/a.png");
        Photograph("images/b.png");
        Ids("labels/a.png", 0, 1);
        Ids("pred/a.png", 0, 1);
        Ids("pred/b.png", 0, 1);

        Assert.Contains(Written().Guesses, guess => guess.StartsWith("labels: labels/*.png; 1 of 2", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_OneFolderTwice_GivesTheSameSplit()
    {
        for (int i = 0; i < 10; i++)
        {
            Photograph($"images/{i}.png");
            Ids($"labels/{i}.png", 0, 1);
        }

        DatasetDraft first = DatasetDraft.Of(_folder.Path, 0.3);

        Assert.Equal(first.Files, DatasetDraft.Of(_folder.Path, 0.3).Files);
        Assert.Equal((7, 3), (first.Train, first.Val));
        Assert.Equal(10, $"{first.Files["train.txt"]}{first.Files["val.txt"]}".Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Count());
    }

    [Fact]
    public void Of_PhotographsAlone_IsASetWithoutLabels()
    {
        Photograph("a.jpg");

        Assert.DoesNotContain("labels", Written().Files["dataset.json"]);
    }

    [Fact]
    public void Of_FolderWithoutImages_IsBadInput()
    {
        File.WriteAllText(_folder["notes.txt"], "none");

        Assert.Equal(Failure.BadInput, Assert.Throws<CloudsException>(() => DatasetDraft.Of(_folder.Path, 0.2)).Failure);
    }

    private DatasetDraft Written()
    {
        DatasetDraft draft = DatasetDraft.Of(_folder.Path, 0.2);
        draft.Files.ToList().ForEach(file => File.WriteAllText(_folder[file.Key], file.Value));
        return draft;
    }

    private void Photograph(string name)
    {
        RgbImage image = Pictures.Noise(24, 16, (ulong)name.Length);
        if (name.EndsWith(".jpg", StringComparison.Ordinal))
        {
            ImageFile.WriteJpeg(_folder[name], image);
        }
        else
        {
            ImageFile.WritePng(_folder[name], image);
        }
    }

    private void Ids(string name, params ushort[] ids)
    {
        LabelMap map = new(24, 16, [.. Enumerable.Range(0, 24 * 16).Select(i => ids[i % ids.Length])]);
        if (ids.Max() > 255)
        {
            LabelPng.WriteGray16(_folder[name], map);
        }
        else
        {
            LabelPng.WriteGray8(_folder[name], map);
        }
    }

    private void Colours(string name, params RgbColour[] colours)
    {
        IEnumerable<RgbColour> pixels = Enumerable.Range(0, 24 * 16).Select(i => colours[i % colours.Length]);
        ImageFile.WritePng(_folder[name], new RgbImage(24, 16, [.. pixels.SelectMany(pixel => new[] { pixel.R, pixel.G, pixel.B })]));
    }

    private static IEnumerable<string> Names(FolderDataset data) => Enumerable.Range(0, data.Count).Select(data.SampleName);
}
