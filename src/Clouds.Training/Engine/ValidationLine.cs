using System.Text.Json;
using System.Text.Json.Serialization;

namespace Clouds.Training.Engine;

/// <summary>One validation of a run, as recorded: a JSON object with these members.</summary>
/// <param name="Step">Steps that were done.</param>
/// <param name="Validation">Scores of each data set.</param>
/// <param name="MeanIou">Their mean, by which models are compared; null where no set had a pixel to score.</param>
/// <param name="Best">Whether it is above all before; then the model is kept.</param>
/// <param name="Seconds">Duration.</param>
public sealed record ValidationLine(long Step, IReadOnlyList<ValidationScore> Validation, double? MeanIou, bool Best, double Seconds)
{
    /// <summary>Pictures for those who watch the run, by their names; no part of the line.</summary>
    [JsonIgnore]
    public IReadOnlyList<ValidationPicture> Pictures { get; init; } = [];

    /// <summary>The mean and each set's score, by keys that tell them apart.</summary>
    [JsonIgnore]
    public IEnumerable<KeyValuePair<string, double>> Numbers =>
    [
        .. MeanIou is double mean ? [KeyValuePair.Create("mIoU", mean)] : Array.Empty<KeyValuePair<string, double>>(),
        .. Validation.Where(score => score.MeanIou is not null).DistinctBy(score => score.Data)
            .Select(score => KeyValuePair.Create($"mIoU {score.Data}", score.MeanIou!.Value)),
    ];

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ValidationJson.Default.ValidationLine);
}

/// <summary>A picture of a validation.</summary>
/// <param name="Name">The same at every validation.</param>
/// <param name="Width">Pixels a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Png">The file.</param>
public sealed record ValidationPicture(string Name, int Width, int Height, byte[] Png);

/// <summary>The scores of one data set, shares from 0 to 1.</summary>
/// <param name="Data">Its name.</param>
/// <param name="MeanIou">Mean IoU; null where no pixel could be scored.</param>
/// <param name="PixelAccuracy">Share of counted pixels predicted right; null likewise.</param>
/// <param name="Classes">IoU of each class; null where it is absent from the truth.</param>
public sealed record ValidationScore(string Data, double? MeanIou, double? PixelAccuracy, IReadOnlyDictionary<string, double?> Classes);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ValidationLine))]
internal sealed partial class ValidationJson : JsonSerializerContext;
