using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Tests.Native.Images;
using Clouds.Training.Datasets;
using Clouds.Training.Sources;

namespace Clouds.Tests.Training.Datasets;

[Kind(TestKind.Fast)]
public sealed class LabelColoursTests : IDisposable
{
    private const string TwoClasses = """[{"name": "c0", "colour": [0, 0, 0]}, {"name": "c1", "colour": [9, 5, 3]}]""";
    private readonly FolderSet _folder = new("a");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Check_GreenObjectOnBlack_IsRefusedWithTheColoursFound()
    {
        Draw((0, 0, 0), (0, 200, 0));

        DatasetProblem problem = Assert.Single(DatasetSource.Check(_folder.Json(("classes", TwoClasses))).Problems);

        Assert.Contains("colours, not ids", problem.Message);
        Assert.Contains("2 colours: 0,0,0 on 18 pixels; 0,200,0 on 6 pixels", problem.Message);
        Assert.Contains("\"colours\"", problem.Message);
    }

    [Theory]
    [InlineData("""{"pattern": "labels/{stem}.png", "colours": {"0,0,0": 0, "0,200,0": 1}}""")]
    [InlineData("""{"replace": [["images/", "labels/"]], "colours": {"0,0,0": 0, "0,200,0": 1, "1,2,3": 255}}""")]
    public void Check_ColoursOfTheDescription_GiveTheTrueShares(string labels)
    {
        Draw((0, 0, 0), (0, 200, 0));

        DatasetReport report = DatasetSource.Check(_folder.Json(("classes", TwoClasses), ("labels", labels)));

        Assert.Empty(report.Problems);
        Assert.Equal([18, 6], report.Classes.Select(count => count.Pixels));
    }

    [Fact]
    public void Load_ColoursOfTheClasses_AreTheClasses()
    {
        Draw((0, 0, 0), (9, 5, 3));

        Assert.Equal([0, 1], Ids(("classes", TwoClasses), Labels("\"classes\"")));
    }

    [Fact]
    public void Load_ColourThatMeansNothing_IsRefusedUnlessUnlistedIsIgnored()
    {
        Draw((0, 0, 0), (0, 199, 0));
        (string, string) labels = Labels("""{"0,0,0": 0, "0,200,0": 1}""");

        CloudsException failure = Assert.Throws<CloudsException>(() => Ids(("classes", TwoClasses), labels));

        Assert.Equal((Failure.BadInput, _folder["labels/a.png"]), (failure.Failure, failure.Where));
        Assert.Contains("1 colours: 0,199,0 on 6 pixels", failure.Message);
        Assert.Equal([0, 255], Ids(("classes", TwoClasses), labels, ("unlisted", "\"ignore\"")));
    }

    [Theory]
    [InlineData("cityscapes", "", "128,64,128 0 119,11,32 18 0,0,0 255 153,153,153 5 0,0,142 13")]
    [InlineData("cityscapes", "\"cityscapes\"", "128,64,128 0 250,170,160 255")]
    [InlineData("mapillary", "", "128,64,128 0 255,255,255 0 190,255,255 255 0,0,0 255 255,0,200 12")]
    [InlineData("camvid", """{"17": 0, "21": 10, "5": 13, "30": 255}""", "128,64,128 0 128,128,128 10 64,0,128 13 0,0,0 255")]
    public void Load_OfficialPalette_LeadsThroughTheIdMap(string palette, string idMap, string expected)
    {
        string[] pairs = expected.Split(' ');
        foreach ((string colour, string id) in pairs.Where((_, i) => i % 2 == 0).Zip(pairs.Where((_, i) => i % 2 == 1)))
        {
            int[] rgb = [.. colour.Split(',').Select(int.Parse)];
            Draw((rgb[0], rgb[1], rgb[2]), (rgb[0], rgb[1], rgb[2]));

            Assert.Equal(id, $"{Ids(("classes", ""), ("ignore", ""), ("idMap", idMap), Labels($"\"{palette}\""))[0]}");
        }
    }

    [Fact]
    public void Load_ColourOutsideAnOfficialPalette_IsRefused()
    {
        Draw((128, 64, 128), (1, 2, 3));

        Assert.Throws<CloudsException>(() => Ids(("classes", ""), ("ignore", ""), Labels("\"cityscapes\"")));
    }

    [Fact]
    public void Palettes_OfCityscapes_AreThoseOfItsClasses() =>
        Assert.All(IdMap.PreparedPairs("cityscapes"), pair =>
            Assert.Equal(ClassSet.Cityscapes.Colours[pair.Value], LabelColours.Palette("cityscapes")[pair.Key]));

    [Fact]
    public void Load_SynthiaMap_ReadsRedOfSixteenBitsAndRefusesEightBitColour()
    {
        (string, string)[] set = [("classes", ""), ("ignore", ""), ("idMap", "\"synthia\"")];
        File.WriteAllBytes(_folder["labels/a.png"], new PngWriter(6, 4, 16, 2, 3).Encode((x, y, channel) => channel == 0 ? 3 : x + y));
        Assert.Equal(0, Ids(set)[0]);

        Draw((128, 0, 0), (0, 200, 0));
        Assert.Throws<CloudsException>(() => Ids(set));
    }

    [Theory]
    [InlineData("\"citiscapes\"", "one of classes, cityscapes, mapillary, camvid")]
    [InlineData("\"camvid\"", "\"idMap\" beside it")]
    [InlineData("\"cityscapes\"", "\"idMap\" beside it")]
    [InlineData("""{"0,0": 1}""", "a colour such as")]
    [InlineData("""{"0, 0, 0": 1}""", "expected  0,0,0")]
    [InlineData("""{"0,0,256": 1}""", "a colour such as")]
    [InlineData("""{"0,0,0": 3}""", "an id that \"idMap\" lists")]
    public void Read_WrongColours_SaysWhatIsExpected(string colours, string expected)
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => FolderDataset.Open(_folder.Json(Labels(colours))));

        Assert.Equal(Failure.Usage, failure.Failure);
        Assert.Contains(expected, failure.Message);
    }

    private static (string Key, string Value) Labels(string colours) => ("labels", $$"""{"pattern": "labels/{stem}.png", "colours": {{colours}}}""");

    // Three of four pixels of the first colour.
    private void Draw((int R, int G, int B) most, (int R, int G, int B) some)
    {
        byte[] pixels = [.. Enumerable.Range(0, 24).Select(i => i % 4 == 3 ? some : most).SelectMany(c => new[] { (byte)c.R, (byte)c.G, (byte)c.B })];
        ImageFile.WritePng(_folder["labels/a.png"], new RgbImage(6, 4, pixels));
    }

    // Ids of the first pixel of each colour.
    private ushort[] Ids(params (string Key, string Value)[] more) => FolderDataset.Open(_folder.Json(more)).Load(0).Labels.Ids[2..4];
}
