using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Clouds.Training.Engine;

/// <summary>One step of a run, as recorded: one flat JSON object.</summary>
/// <param name="Step">Step, from 0.</param>
/// <param name="Loss">The loss.</param>
/// <param name="Measures">What the training reports besides, by its keys in their order.</param>
/// <param name="GradientNorm">Norm of the whole gradient before clipping.</param>
/// <param name="LearningRate">Learning rate of the first parameter group.</param>
/// <param name="Seconds">Duration of the step.</param>
/// <param name="DataSeconds">What of it the batch took: the wait for samples, and writing them into the ports. 0 in lines of older versions.</param>
[JsonConverter(typeof(HistoryLineJson))]
public sealed record HistoryLine(
    long Step, double Loss, IReadOnlyDictionary<string, double> Measures, double GradientNorm, double LearningRate, double Seconds, double DataSeconds = 0)
{
    /// <summary>
    /// Bytes in use after the step, of the GPU's memory by all programs, or of the machine's by this process; null: nobody looked.
    /// </summary>
    public long? Memory { get; init; }

    /// <summary>All numbers but the step, by their keys in the order of the line.</summary>
    public IEnumerable<KeyValuePair<string, double>> Numbers =>
    [
        new("loss", Loss), .. Measures, new("gradientNorm", GradientNorm), new("learningRate", LearningRate), new("seconds", Seconds),
        new("dataSeconds", DataSeconds),
        .. Memory is long bytes ? [KeyValuePair.Create("memory", (double)bytes)] : Array.Empty<KeyValuePair<string, double>>(),
    ];

    /// <summary>One of the measures.</summary>
    /// <exception cref="KeyNotFoundException">The training does not report it.</exception>
    public double this[string measure] => Measures[measure];
}

/// <summary>
/// "step", "loss", the measures, "gradientNorm", "learningRate", "seconds", "dataSeconds", "memory". What is no number in JSON is a string: "NaN",
/// "Infinity".
/// </summary>
internal sealed class HistoryLineJson : JsonConverter<HistoryLine>
{
    public override HistoryLine Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        OrderedDictionary<string, double> numbers = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            numbers.Add(name, reader.TokenType switch
            {
                JsonTokenType.String => double.Parse(reader.GetString()!, CultureInfo.InvariantCulture),
                JsonTokenType.Number => reader.GetDouble(),
                _ => throw new JsonException($"'{name}' of a line of the history is no number"),
            });
        }

        double Take(string name) => numbers.Remove(name, out double value) ? value : throw new JsonException($"a line of the history has no '{name}'");
        numbers.Remove("dataSeconds", out double data);
        long? memory = numbers.Remove("memory", out double bytes) ? (long)bytes : null;
        (double step, double loss, double norm) = (Take("step"), Take("loss"), Take("gradientNorm"));
        return new HistoryLine((long)step, loss, numbers, norm, Take("learningRate"), Take("seconds"), data) { Memory = memory };
    }

    public override void Write(Utf8JsonWriter writer, HistoryLine value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteNumber("step", value.Step);
        foreach ((string name, double number) in value.Numbers)
        {
            Write(writer, name, number);
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, double number)
    {
        if (double.IsFinite(number))
        {
            writer.WriteNumber(name, number);
        }
        else
        {
            writer.WriteString(name, number.ToString(CultureInfo.InvariantCulture));
        }
    }
}

[JsonSerializable(typeof(HistoryLine))]
internal sealed partial class HistoryJson : JsonSerializerContext;
