using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Tests.Native.Images;
using Clouds.Training.Datasets;
using Clouds.Training.Known;
using Clouds.Training.Sources;
using static Clouds.Tests.Training.Known.MiniatureTree;

namespace Clouds.Tests.Training.Known;

/// <summary>The published data sets in their own folders (method.md section 6.1).</summary>
[Kind(TestKind.Fast)]
public sealed class KnownSetTests : IDisposable
{
    private readonly MiniatureTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("gta5", "")]
    [InlineData("gta5", "gta5/")]
    [InlineData("gta5", "gta/")]
    [InlineData("gta", "GTA/")]
    public void Gta5_PaletteLabels_AreReadByTheirIndexAndThe62PairsLeftOut(string scheme, string below)
    {
        string[] names = ["15187", "15188", "15189", "17705", "20800", "20801", "20830", "20860", "20861"];
        _tree.Photographs(names.Select(name => $"{below}images/{name}.png"));
        names.ToList().ForEach(name => _tree.Palette($"{below}labels/{name}.png", 7, 26, 34, 0));

        IDataset set = DatasetSource.Open($"{scheme}:{_tree.Path}");

        Assert.Equal(["15187", "15189", "20800", "20861"], Names(set));
        Assert.Equal([0, 13, 255, 255], Labels(set, 0, 4));
        Assert.Equal(("gta5", false), (set.Name, set.ScoredResized));
        Assert.Equal(names, Names(DatasetSource.Open($"{scheme}:{_tree.Path}?exclude=")));
        Assert.Equal(names[1..^1], Names(DatasetSource.Open($"{scheme}:{_tree.Path}?exclude=15187,20861.png")));
        Assert.Equal(["15189", "20861"], Names(DatasetSource.Open($"{scheme}:{_tree.Path}?every=2&offset=1")));
    }

    [Fact]
    public void Gta5_ListOfPairsOfDifferentSize_HasThe62OfTheReferenceCode() => Assert.Equal(
        ["15188", "17705", .. Enumerable.Range(20801, 60).Select(number => $"{number}")], KnownSet.Find("gta5")!.Excluded);

    [Theory]
    [InlineData("")]
    [InlineData("RAND_CITYSCAPES/")]
    [InlineData("synthia/RAND_CITYSCAPES/")]
    public void Synthia_SixteenBitColour_IsReadByItsRedChannel(string below)
    {
        _tree.Photographs($"{below}RGB/0000000.png").Red16($"{below}GT/LABELS/0000000.png", 3, 22, 1, 0, 15);

        IDataset set = DatasetSource.Open($"synthia:{_tree.Path}");

        Assert.Equal([0, 255, 10, 255, 6], Labels(set, 0, 5));
        Assert.False(set.ScoredResized);
    }

    [Theory]
    [InlineData("leftImg8bit/", "gtFine/", "labelIds", 7)]
    [InlineData("cityscapes/leftImg8bit/", "cityscapes/gtFine/", "labelIds", 7)]
    [InlineData("leftImg8bit_trainvaltest/leftImg8bit/", "gtFine_trainvaltest/gtFine/", "labelIds", 7)]
    [InlineData("leftImg8bit/", "gtFine/", "labelTrainIds", 0)]
    public void Cityscapes_Split_HasItsOwnCities(string images, string labels, string ids, ushort road)
    {
        foreach (string name in (string[])["train/ulm/ulm_000001_000019", "val/bonn/bonn_000002_000019", "val/kiel/kiel_000003_000019"])
        {
            _tree.Photographs($"{images}{name}_leftImg8bit.png").Gray($"{labels}{name}_gtFine_{ids}.png", road, 255);
        }

        IDataset train = DatasetSource.Open($"cityscapes:{_tree.Path}?split=train"), val = DatasetSource.Open($"cityscapes:{_tree.Path}?split=val");

        Assert.Equal(["ulm/ulm_000001_000019_leftImg8bit"], Names(train));
        Assert.Equal(["bonn/bonn_000002_000019_leftImg8bit", "kiel/kiel_000003_000019_leftImg8bit"], Names(val));
        Assert.Equal([0, 255], Labels(val, 1, 2));
        Assert.Equal(("cityscapes-train", "cityscapes-val", false), (train.Name, val.Name, val.ScoredResized));
    }

    [Fact]
    public void Cityscapes_BothKindsOfLabels_TakesTheOfficialIds()
    {
        const string Name = "gtFine/val/ulm/ulm_000001_000019_gtFine_";
        _tree.Photographs("leftImg8bit/val/ulm/ulm_000001_000019_leftImg8bit.png").Gray($"{Name}labelIds.png", 7, 8).Gray($"{Name}labelTrainIds.png", 5, 6);

        Assert.Equal([0, 1], Labels(DatasetSource.Open($"cityscapes:{_tree.Path}?split=val"), 0, 2));
    }

    [Theory]
    [InlineData("", "images/10k/val/a.jpg", "labels/sem_seg/masks/val/a.png")]
    [InlineData("bdd100k/", "images/10k/val/a.jpg", "labels/sem_seg/masks/val/a.png")]
    [InlineData("bdd10k/", "images/10k/val/a.jpg", "labels/sem_seg/masks/val/a.png")]
    [InlineData("", "seg/images/val/a.jpg", "seg/labels/val/a_train_id.png")]
    public void Bdd100k_EitherSpellingAndRelease_IsFound(string below, string image, string label)
    {
        _tree.Photographs(below + image).Palette(below + label, 13, 255, 18);

        IDataset set = DatasetSource.Open($"bdd100k:{_tree.Path}");

        Assert.Equal([13, 255, 18], Labels(set, 0, 3));
        Assert.Equal(("bdd100k-val", true), (set.Name, set.ScoredResized));
    }

    [Theory]
    [InlineData("validation/v1.2/labels/a.png")]
    [InlineData("validation/labels/a.png")]
    public void Mapillary_OfEitherRelease_IsReadByItsLabelsOfV12(string label)
    {
        _tree.Photographs("validation/images/a.jpg").Palette(label, 13, 41, 65, 50).Palette("validation/v2.0/labels/a.png", 99);

        IDataset set = DatasetSource.Open($"mapillary:{_tree.Path}?split=val");

        Assert.Equal([0, 0, 255, 7], Labels(set, 0, 4));
        Assert.Equal(("mapillary-val", true), (set.Name, set.ScoredResized));
    }

    // A photograph lies as its camera was held, its label as people see it.
    [Fact]
    public void Mapillary_PhotographThatExifTurns_FitsItsLabel()
    {
        _tree.Palette("training/labels/a.png", 13);
        File.WriteAllBytes(_tree["training/images/a.JPG"], Jpegs.WithOrientation(ImageFile.EncodeJpeg(Pictures.Noise(4, 6)), 6));

        Sample sample = DatasetSource.Open($"mapillary:{_tree.Path}?split=train").Load(0);

        Assert.Equal((6, 4), (sample.Image.Width, sample.Image.Height));
    }

    [Fact]
    public void Mapillary_LabelsOfV20Alone_AreNotTakenForThem()
    {
        _tree.Photographs("validation/images/a.jpg").Palette("validation/v2.0/labels/a.png", 13);

        CloudsException failure = Assert.Throws<CloudsException>(() => DatasetSource.Open($"mapillary:{_tree.Path}"));

        Assert.Equal(Failure.BadInput, failure.Failure);
        Assert.Contains("v1.2/labels/a.png", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "seq1/")]
    [InlineData("acdc/", "")]
    public void Acdc_WithAndWithoutSequences_HasItsFourConditions(string below, string sequence)
    {
        foreach (string condition in (string[])["fog", "night", "rain", "snow"])
        {
            string name = $"{condition}/val/{sequence}{condition}_1";
            _tree.Photographs($"{below}rgb_anon/{name}_rgb_anon.png", $"{below}rgb_anon/{condition}/val_ref/{sequence}{condition}_2_rgb_ref_anon.png");
            _tree.Gray($"{below}gt/{name}_gt_labelTrainIds.png", 0, 255, 18);
        }

        IDataset all = DatasetSource.Open($"acdc:{_tree.Path}"), night = DatasetSource.Open($"acdc:{_tree.Path}?condition=night&split=val");

        Assert.Equal((4, "acdc-val", true), (all.Count, all.Name, all.ScoredResized));
        Assert.Equal((1, "acdc-night-val"), (night.Count, night.Name));
        Assert.Equal([0, 255, 18], Labels(night, 0, 3));
    }

    // What a prepared map does not list is ignored; what a set cannot hold is a wrong file.
    [Theory]
    [InlineData("synthia", "RGB/0000000.png", "GT/LABELS/0000000.png", 23)]
    [InlineData("cityscapes?split=val", "leftImg8bit/val/a/a_leftImg8bit.png", "gtFine/val/a/a_gtFine_labelIds.png", 34)]
    [InlineData("bdd100k", "images/10k/val/a.jpg", "labels/sem_seg/masks/val/a.png", 19)]
    [InlineData("mapillary", "validation/images/a.jpg", "validation/labels/a.png", 66)]
    [InlineData("acdc", "rgb_anon/fog/val/a_rgb_anon.png", "gt/fog/val/a_gt_labelTrainIds.png", 40)]
    public void Check_IdThatTheSetDoesNotHave_IsNamed(string spec, string image, string label, ushort id)
    {
        _tree.Photographs(image);
        _ = spec == "synthia" ? _tree.Red16(label, id, 3) : _tree.Gray(label, id, 3);
        string[] words = spec.Split('?');

        DatasetReport report = DatasetSource.Check($"{words[0]}:{_tree.Path}{(words.Length == 2 ? $"?{words[1]}" : "")}");

        Assert.Contains($"id {id} on 12 pixels", Assert.Single(report.Problems).Message, StringComparison.Ordinal);
    }

    /// <summary>Acceptance check 16 of the method: each train id in every map, and every other id of the set is one that it ignores.</summary>
    [Theory]
    [InlineData("synthia", 22)]
    [InlineData("cityscapes", 33)]
    [InlineData("mapillary", 65)]
    public void Members_IdsOfTheSet_AreEitherAClassOrIgnored(string name, int last)
    {
        KnownSet set = KnownSet.Find(name)!;
        IReadOnlyDictionary<int, int> pairs = IdMap.PreparedPairs((string)set.Members["idMap"]!);
        int[] ignored = [.. set.Members["ignore"]!.AsArray().Select(id => (int)id!)];

        Assert.Equal(Enumerable.Range(0, 19), pairs.Values.Distinct().Order());
        Assert.Equal(Enumerable.Range(0, last + 1), pairs.Keys.Concat(ignored).Where(id => id != 255).Order());
    }

    [Theory]
    [InlineData("gta5", "images/*.png with labels/{stem}.png", "gta5/ or gta/", "download.visinf.tu-darmstadt.de", "not commercial")]
    [InlineData("acdc", "rgb_anon/*/val/**/*_rgb_anon.png with gt/*/val/**/*_gt_labelTrainIds.png", "acdc/", "acdc.vision.ee.ethz.ch", "registration")]
    [InlineData("mapillary?split=train", "training/images/*.jpg with training/v1.2/labels/{stem}.png", "mapillary_vistas/", "research licence")]
    public void Open_SetThatIsNotThere_SaysInWhichLayoutItIsLookedForAndWhereOneGetsIt(string spec, params string[] told)
    {
        string[] words = spec.Split('?');

        CloudsException failure = Assert.Throws<CloudsException>(
            () => DatasetSource.Open($"{words[0]}:{_tree["nothing"]}{(words.Length == 2 ? $"?{words[1]}" : "")}"));

        Assert.Equal((Failure.BadInput, _tree["nothing"], "no such folder"), (failure.Failure, failure.Where, failure.Found));
        Assert.All(told, words => Assert.Contains(words, failure.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Open_ImagesWithoutTheirLabels_NamesTheFileThatIsMissing()
    {
        _tree.Photographs("RGB/0000000.png", "RGB/0000001.png").Red16("GT/LABELS/0000001.png", 3);

        CloudsException failure = Assert.Throws<CloudsException>(() => DatasetSource.Open($"synthia:{_tree.Path}"));

        Assert.Contains("GT/LABELS/0000000.png", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, DatasetSource.Check($"synthia:{_tree.Path}").Usable);
    }

    [Fact]
    public void Open_PartOfThePublishedImages_TellsHowManyAreThere()
    {
        List<string> told = [];
        _tree.Photographs("rgb_anon/fog/val/a_rgb_anon.png").Gray("gt/fog/val/a_gt_labelTrainIds.png", 0);

        DatasetSource.Open($"acdc:{_tree.Path}?condition=fog", told.Add);

        Assert.Equal([$"acdc-fog-val: 1 images are in {_tree.Path}, of 100 that were published"], told);
    }

    // As method.md section 6.1 has them.
    [Theory]
    [InlineData("gta5", 24_966)]
    [InlineData("synthia", 9_400)]
    [InlineData("cityscapes-train", 2_975)]
    [InlineData("cityscapes-val", 500)]
    [InlineData("bdd100k-val", 1_000)]
    [InlineData("mapillary-val", 2_000)]
    [InlineData("acdc-val", 406)]
    [InlineData("acdc-night-val", 106)]
    public void Published_ImagesOfASet_AreAsManyAsTheMethodSays(string title, int images) =>
        Assert.Equal(images, KnownSet.Find(title.Split('-')[0])!.Published[title]);

    [Theory]
    [InlineData("cityscapes:x", "split=train or split=val")]
    [InlineData("cityscapes:x?split=vall", "did you mean 'val'?")]
    [InlineData("acdc:x?conditon=night", "did you mean 'condition'?")]
    [InlineData("acdc:x?condition=hail", "fog, night, rain, snow")]
    [InlineData("gta5:x?first=some", "a whole number")]
    [InlineData("gta5:x?every=2&notEvery=2", "every or notEvery")]
    [InlineData("gta5:x?every=2&offset=2", "an offset below it")]
    [InlineData("gat5:x", "did you mean 'gta5'?")]
    public void Open_WrongText_SaysWhatIsMeant(string spec, string told)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => DatasetSource.Open(spec));

        Assert.Equal(Failure.Usage, failure.Failure);
        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Absolute_FolderLeftOut_IsTheOneThatHoldsAllSets()
    {
        Assert.Equal(Path.GetFullPath("datasets"), DatasetSource.Absolute("acdc")["acdc:".Length..]);
        Assert.Equal($"gta5:{Path.GetFullPath("x")}?first=3", DatasetSource.Absolute("gta:./x?first=3"));
        Environment.SetEnvironmentVariable("CLOUDS_DATA", _tree.Path);
        try
        {
            _tree.Photographs("gta/images/00001.png").Palette("gta/labels/00001.png", 7);
            Assert.Equal(["00001"], Names(DatasetSource.Open("gta5")));
        }
        finally
        {
            Environment.SetEnvironmentVariable("CLOUDS_DATA", null);
        }
    }
}
