using Clouds.Examples;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Native.Sam;
using Clouds.Native.Segmentation;
using Clouds.Tests.Cli.Commands;
using Clouds.Tests.Native.Sam;

namespace Clouds.Tests.Examples;

/// <summary>The examples of the documents, compiled as an embedder compiles them and run.</summary>
[Kind(TestKind.Fast)]
public sealed class ExamplesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Batch_GoodAndBrokenImages_SaysOfEachWhatItIs()
    {
        ImageFile.WriteJpeg(_folder["street.jpg"], Pictures.Gradient(80, 60));
        using StringWriter console = new();
        using Segmenter segmenter = Segmenter.Load(TinyRun.Model, new SegmenterOptions { Device = ComputeDevice.Cpu });
        await BatchExample.Run(segmenter, [_folder["street.jpg"], _folder["nowhere.jpg"]], console, CancellationToken.None);
        string[] lines = console.ToString().Split(Environment.NewLine);
        Assert.Contains(segmenter.Classes.Names, name => lines[0] == $"{_folder["street.jpg"]}: {name}");
        Assert.Equal($"{_folder["nowhere.jpg"]}: the file does not exist", lines[1]);
    }

    [Fact]
    public void Service_GoodImage_WritesAnOverlayAndGivesScores()
    {
        ImageFile.WriteJpeg(_folder["street.jpg"], Pictures.Gradient(80, 60));
        using StringWriter console = new();
        float[]? scores = ServiceExample.Run(TinyRun.Model, _folder["street.jpg"], _folder["overlay.png"], console);
        Assert.Equal(0, scores!.Length % (80 * 60));
        Assert.Equal((80, 60), (ImageFile.Read(_folder["overlay.png"]).Width, ImageFile.Read(_folder["overlay.png"]).Height));
    }

    [Fact]
    public void Service_MissingImage_SaysWhatAndWhere()
    {
        using StringWriter console = new();
        Assert.Null(ServiceExample.Run(TinyRun.Model, _folder["nowhere.jpg"], _folder["overlay.png"], console));
        Assert.Contains($"the file does not exist: {_folder["nowhere.jpg"]}", console.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void SegmentAnything_PointsOfAnImage_AnswersAndKeepsWhatItSaw()
    {
        TinySam.Write(_folder["sam.safetensors"]);
        ImageFile.WritePng(_folder["street.png"], Pictures.Noise(60, 40));
        using StringWriter console = new();
        bool[] inside = SegmentAnythingExample.Run(_folder["sam.safetensors"], _folder["kept"], _folder["street.png"], console);
        Assert.Equal(60 * 40, inside.Length);
        Assert.Equal(3, console.ToString().Split("expected IoU").Length - 1);
        Assert.Single(Directory.GetFiles(_folder["kept"]));
    }

    [Fact]
    public void Pixels_ImageAndLabels_ComeAtTestSizeAndPadded()
    {
        ImageFile.WritePng(_folder["a.png"], Pictures.Gradient(80, 60));
        LabelPng.WriteGray8(_folder["a.labels.png"], new LabelMap(80, 60));
        (float[] input, LabelMap labels) = PixelsExample.Run(_folder["a.png"], _folder["a.labels.png"]);
        Assert.Equal((341, 256), (labels.Width, labels.Height));
        Assert.Equal(3 * 256 * 352, input.Length);
        Assert.All(input.AsSpan(341, 11).ToArray(), padding => Assert.Equal(0, padding));
    }

    [Fact]
    public void Refinement_LabelMapAndImage_TellsWhatBecameOfEachComponent()
    {
        TinySam.Write(_folder["sam.safetensors"]);
        using StringWriter console = new();
        using SegmentAnything sam = SegmentAnything.Load(_folder["sam.safetensors"], new SegmentAnythingOptions { Device = ComputeDevice.Cpu });
        RefinementOptions options = new() { SizeThreshold = 10 };
        RefinementResult refined = RefinementExample.Run(sam, Pictures.Noise(50, 30), Pictures.Plain(50, 30, 4), options, console);
        RefinedComponent component = Assert.Single(refined.Components);
        Assert.Equal($"class 4: 1500 pixels, mask {component.MaskArea}, 0 in conflict", console.ToString().Trim());
    }

    [Theory]
    [InlineData("docs/embedding.md", "batch", "Clouds.Examples/BatchExample.cs")]
    [InlineData("docs/embedding.md", "service", "Clouds.Examples/ServiceExample.cs")]
    [InlineData("docs/embedding.md", "pixels", "Clouds.Examples/PixelsExample.cs")]
    [InlineData("docs/embedding.md", "refine", "Clouds.Examples/RefinementExample.cs")]
    [InlineData("src/Clouds.Native.ImageSharp/README.md", "imagesharp", "Clouds.Tests/Native.ImageSharp/ImageSharpSegmentationTests.cs")]
    public void Document_Example_IsWhatIsRunHere(string document, string example, string file)
    {
        string[] shown = Between(Path.Combine(Repository.Root, document), $"<!-- example: {example} -->", "<!-- end of example -->");
        string[] source = Between(Path.Combine(Repository.Root, "tests", file), $"// example: {example}", "// end of example");
        Assert.Equal(["```csharp", .. source, "```"], shown);
    }

    // Lines between two marks, without the indentation that they share.
    private static string[] Between(string path, string first, string last)
    {
        string[] inside = [.. File.ReadLines(path).SkipWhile(line => line.Trim() != first).Skip(1).TakeWhile(line => line.Trim() != last)];
        int indent = inside.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return [.. inside.Select(line => line.Length == 0 ? line : line[indent..])];
    }
}
