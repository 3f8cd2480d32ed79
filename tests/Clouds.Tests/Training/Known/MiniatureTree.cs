using System.IO.Hashing;
using System.Text;
using Clouds.Native.Images;
using Clouds.Tests.Native.Images;
using Clouds.Training.Datasets;

namespace Clouds.Tests.Training.Known;

/// <summary>Folders as published data sets have them, with pictures of 6 x 4 pixels.</summary>
internal sealed class MiniatureTree : IDisposable
{
    private const int Width = 6;
    private const int Height = 4;

    private readonly TemporaryFolder _folder = new();

    public string Path => _folder.Path;

    public string this[string relative] => _folder[relative];

    /// <summary>Writes photographs; no two have the same pixels.</summary>
    public MiniatureTree Photographs(params IEnumerable<string> files)
    {
        foreach (string file in files)
        {
            RgbImage image = Pictures.Noise(Width, Height, XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(file)));
            File.WriteAllBytes(_folder[file], file.EndsWith(".png", StringComparison.Ordinal) ? ImageFile.EncodePng(image) : ImageFile.EncodeJpeg(image));
        }

        return this;
    }

    /// <summary>Writes a gray label file whose pixels run through the ids.</summary>
    public MiniatureTree Gray(string file, params ushort[] ids)
    {
        LabelPng.WriteGray8(_folder[file], Map(ids));
        return this;
    }

    /// <summary>Writes a palette label file: its colours mean nothing.</summary>
    public MiniatureTree Palette(string file, params ushort[] ids)
    {
        LabelPng.WritePalette(_folder[file], Map(ids), [.. Enumerable.Range(0, 256).Select(i => new RgbColour((byte)(255 - i), 7, 9))]);
        return this;
    }

    /// <summary>Writes SYNTHIA's 16-bit colour: the id in red, an instance in green.</summary>
    public MiniatureTree Red16(string file, params ushort[] ids)
    {
        File.WriteAllBytes(_folder[file], new PngWriter(Width, Height, 16, 2, 3).Encode(
            (x, y, channel) => channel switch { 0 => ids[((y * Width) + x) % ids.Length], 1 => 1000 + x, _ => 0 }));
        return this;
    }

    public static IEnumerable<string> Names(IImageSet set) => Enumerable.Range(0, set.Count).Select(set.SampleName);

    /// <summary>The first labels of a sample.</summary>
    public static IEnumerable<int> Labels(IImageSet set, int index, int count) => ((IDataset)set).Load(index).Labels.Ids[..count].Select(id => (int)id);

    public void Dispose() => _folder.Dispose();

    private static LabelMap Map(ushort[] ids) => new(Width, Height, [.. Enumerable.Range(0, Width * Height).Select(i => ids[i % ids.Length])]);
}
