using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Training.Engine;
using Clouds.Training.Evaluation;

namespace Clouds.Training.Validation;

/// <summary>
/// What the last validation of a run found beyond its line in the history: confusions, the score of every image, pictures of some. One file, validation.json.
/// </summary>
/// <param name="Step">Steps that were done.</param>
/// <param name="Sets">Each data set.</param>
public sealed record ValidationRecord(long Step, IReadOnlyList<ValidatedSet> Sets)
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Reads the record of a run.</summary>
    /// <param name="folder">The run's, or the stage's.</param>
    /// <param name="problem">Why it cannot be read; null where it can, and where there is none.</param>
    /// <returns>Null where there is none that can be read.</returns>
    public static ValidationRecord? Find(RunFolder folder, out string? problem)
    {
        problem = null;
        if (!File.Exists(folder.Validation))
        {
            return null;
        }

        try
        {
            ValidationRecord? read = JsonSerializer.Deserialize<ValidationRecord>(WholeFile.Read(folder.Validation), Format);
            return read?.Sets?.All(set => set?.IsWhole == true) == true ? read : throw new JsonException("members are missing");
        }
        catch (Exception e) when (e is JsonException or CloudsException)
        {
            problem = $"{Path.GetFileName(folder.Validation)} cannot be read: {e.Message.ReplaceLineEndings(" ")}";
            return null;
        }
    }

    /// <summary>Of each set the pictures of which there is one at every validation.</summary>
    internal IReadOnlyList<ValidationPicture> Steady() =>
        [.. Sets.SelectMany(set => set.Images.Where(image => image is { IsSteady: true, Picture: not null }).Select(image => Picture(set, image)))];

    private static ValidationPicture Picture(ValidatedSet set, ValidatedImage image)
    {
        RgbImage picture = ImageFile.Decode(image.Picture!);
        return new ValidationPicture($"{set.Data}/{image.Name}", picture.Width, picture.Height, image.Picture!);
    }

    /// <summary>Writes it; it appears whole or not at all.</summary>
    /// <exception cref="CloudsException">Output: the disk is full or the folder not writable.</exception>
    internal void Write(RunFolder folder) => AtomicFile.WriteAllBytes(folder.Validation, JsonSerializer.SerializeToUtf8Bytes(this, Format));
}

/// <summary>One data set of a validation.</summary>
/// <param name="Data">Its name.</param>
/// <param name="Classes">Names of the classes.</param>
/// <param name="Confusion">Pixels by answer and, within it, by truth; behind the classes the answer "no class".</param>
/// <param name="Images">Every image that was scored, in the set's order.</param>
public sealed record ValidatedSet(string Data, IReadOnlyList<string> Classes, IReadOnlyList<long> Confusion, IReadOnlyList<ValidatedImage> Images)
{
    internal bool IsWhole => Data is not null && Classes is { Count: > 0 and <= ClassSet.MaximumCount } && Classes.Distinct().Count() == Classes.Count
        && !Classes.Any(string.IsNullOrWhiteSpace) && Confusion?.Count == Classes.Count * (Classes.Count + 1)
        && Images?.All(image => image?.Name is not null) == true;

    /// <summary>The confusions as they are computed with; classes have no colours there.</summary>
    public ConfusionMatrix Matrix()
    {
        ConfusionMatrix matrix = new(new ClassSet(Classes, [.. Classes.Select(_ => default(RgbColour))]));
        Confusion.ToArray().CopyTo(matrix.Counts);
        return matrix;
    }
}

/// <summary>An image of a validation.</summary>
/// <param name="Name">The sample.</param>
/// <param name="MeanIou">Its mean IoU, 0 to 1; null where all of its pixels are ignored.</param>
/// <param name="Picture">Image, labels and answer beside each other as a PNG file; null: none was made.</param>
/// <param name="IsSteady">Whether it has one at every validation.</param>
public sealed record ValidatedImage(string Name, double? MeanIou, byte[]? Picture = null, bool IsSteady = false);
