using Clouds.Native.Images;

namespace Clouds.Tests.Training.Datasets;

/// <summary>A folder data set on disk for one test: images a .. f of 6 x 4 pixels with ids 0..2 and a void id 9.</summary>
internal sealed class FolderSet : IDisposable
{
    public const string Classes =
        """[{"name": "road", "colour": [128, 64, 128]}, {"name": "sky", "colour": [70, 130, 180]}, {"name": "car", "colour": [0, 0, 142]}]""";

    private readonly TemporaryFolder _folder = new();

    public FolderSet(string names = "abcdef")
    {
        foreach (char name in names)
        {
            ImageFile.WritePng(_folder[$"images/{name}.png"], Pictures.Noise(6, 4, name));
            WriteLabel($"labels/{name}.png", 0, 1, 2, 9);
        }
    }

    public string this[string relative] => _folder[relative];

    /// <summary>Writes a 6 x 4 label whose pixels run through the ids.</summary>
    public void WriteLabel(string relative, params ushort[] ids) =>
        LabelPng.WriteGray16(_folder[relative], new LabelMap(6, 4, [.. Enumerable.Range(0, 24).Select(i => ids[i % ids.Length])]));

    /// <summary>Writes the JSON file.</summary>
    /// <param name="more">Members to append or, where the key is one of the usual ones, to use instead.</param>
    /// <returns>Its path.</returns>
    public string Json(params (string Key, string Value)[] more)
    {
        Dictionary<string, string> members = new()
        {
            ["images"] = "\"images/*.png\"",
            ["labels"] = "\"labels/{stem}.png\"",
            ["classes"] = Classes,
            ["ignore"] = "9",
        };
        foreach ((string key, string value) in more)
        {
            members[key] = value;
        }

        string path = _folder["set.json"];
        File.WriteAllText(
            path, $"{{ {string.Join(",\n", members.Where(member => member.Value.Length > 0).Select(member => $"\"{member.Key}\": {member.Value}"))} }}");
        return path;
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
