using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Tests.Cli.Commands;

namespace Clouds.Tests.Native.Segmentation;

/// <summary>The example that README.md shows, compiled and run.</summary>
public sealed class ReadmeExampleTests : IDisposable
{
    private const string Source = "tests/Clouds.Tests/Native/Segmentation/ReadmeExampleTests.cs";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Example_Segment_LabelsAnImage()
    {
        ImageFile.WriteJpeg(_folder["street.jpg"], Pictures.Gradient(80, 60));
        using StringWriter console = new();
        Segment(TinyRun.Model, _folder["street.jpg"], _folder["street.labels.png"], console);
        Assert.Contains(" %", console.ToString(), StringComparison.Ordinal);
        LabelMap labels = LabelPng.Read(_folder["street.labels.png"]);
        Assert.Equal((80, 60), (labels.Width, labels.Height));
    }

    [Fact]
    public void Readme_Example_IsWhatIsRunHere()
    {
        string[] readme = Between(File.ReadAllLines(Path.Combine(Repository.Root, "README.md")), "<!-- example: segment -->", "<!-- end of example -->");
        string[] source = Between(File.ReadAllLines(Path.Combine(Repository.Root, Source)), "// example: segment", "// end of example");
        Assert.Equal(["```csharp", .. source, "```"], readme);
    }

    private static void Segment(string modelPath, string imagePath, string labelPath, TextWriter console)
    {
        // example: segment
        using Segmenter segmenter = Segmenter.Load(modelPath);
        RgbImage image = ImageFile.Read(imagePath);
        SegmentationResult result = segmenter.Segment(image);

        LabelMap labels = new(result.Width, result.Height, result.Labels);
        LabelPng.WritePalette(labelPath, labels, segmenter.Classes.Colours);

        foreach (IGrouping<ushort, ushort> pixels in result.Labels.GroupBy(id => id).OrderByDescending(pixels => pixels.Count()))
        {
            console.WriteLine($"{segmenter.Classes.Names[pixels.Key]}: {100.0 * pixels.Count() / result.Labels.Length:F1} %");
        }
        // end of example
    }

    // Lines between two marks, without the indentation that they share.
    private static string[] Between(string[] lines, string first, string last)
    {
        string[] inside = [.. lines.SkipWhile(line => line.Trim() != first).Skip(1).TakeWhile(line => line.Trim() != last)];
        int indent = inside.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return [.. inside.Select(line => line.Length == 0 ? line : line[indent..])];
    }
}
