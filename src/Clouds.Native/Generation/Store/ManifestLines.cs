using System.Text;
using Clouds.Diagnostics;

namespace Clouds.Native.Generation.Store;

/// <summary>Reads a list of a store's images, also while somebody appends to it.</summary>
internal static class ManifestLines
{
    /// <summary>The images of its lines. The last line may be cut short, and is none then.</summary>
    /// <exception cref="CloudsException">BadInput: another line cannot be read, or the file cannot.</exception>
    public static IEnumerable<StoredImage> Read(string path)
    {
        string[] lines = Text(path).Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            StoredImage? image = lines[i].Length == 0 ? null : StoreJson.Read<StoredImage>(lines[i]);
            if (image is null && lines[i].Trim().Length > 0 && i < lines.Length - 1)
            {
                throw new CloudsException(Failure.BadInput, "the list of a store's images is damaged", path,
                    $"line {i + 1}: {lines[i][..Math.Min(lines[i].Length, 60)]}", "a line an image, as it was written",
                    "remove the line: where its image is there, it is listed again");
            }

            if (image is not null)
            {
                yield return image;
            }
        }
    }

    private static string Text(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using StreamReader reader = new(file, Encoding.UTF8);
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CloudsException(Failure.BadInput, "the list of a store's images cannot be read", path, e.Message, "a readable file", inner: e);
        }
    }
}
