using System.Text.Json;
using Clouds.Training.Engine;

namespace Clouds.Tests.Training.Engine;

[Kind(TestKind.Fast)]
public sealed class HistoryLineTests
{
    private const string Json =
        """{"step":3,"loss":0.5,"classLoss":0.25,"maskLoss":1E-07,"gradientNorm":2,"learningRate":0.001,"seconds":1.5,"dataSeconds":0.25,"memory":6000000}""";

    [Fact]
    public void Line_WrittenAndRead_IsOneFlatObjectInItsOrder()
    {
        HistoryLine line = Read(Json);
        Assert.Equal((3, 0.5, 2, 0.001, 1.5, 0.25), (line.Step, line.Loss, line.GradientNorm, line.LearningRate, line.Seconds, line.DataSeconds));
        Assert.Equal(6_000_000, line.Memory);
        Assert.Equal(["classLoss", "maskLoss"], line.Measures.Keys);
        Assert.Equal(0.25, line["classLoss"]);
        Assert.Equal(Json, JsonSerializer.Serialize(line, HistoryJson.Default.HistoryLine));
    }

    [Fact]
    public void Line_OfAnOlderVersion_HasNoSecondsOfDataAndNoMemory()
    {
        HistoryLine line = Read("""{"step":3,"loss":0.5,"gradientNorm":2,"learningRate":0.001,"seconds":2}""");
        Assert.Equal((2, 0), (line.Seconds, line.DataSeconds));
        Assert.Null(line.Memory);
    }

    [Fact]
    public void Line_OfNoNumbers_NamesThem()
    {
        HistoryLine line = new(0, double.NaN, new Dictionary<string, double> { ["norm"] = double.NegativeInfinity }, double.PositiveInfinity, 1, 2);
        string json = JsonSerializer.Serialize(line, HistoryJson.Default.HistoryLine);
        Assert.Contains("\"loss\":\"NaN\",\"norm\":\"-Infinity\",\"gradientNorm\":\"Infinity\"", json, StringComparison.Ordinal);
        HistoryLine read = Read(json);
        Assert.Equal((double.NaN, double.NegativeInfinity, double.PositiveInfinity), (read.Loss, read["norm"], read.GradientNorm));
    }

    [Fact]
    public void Line_WithoutItsStep_IsRefused()
        => Assert.Contains("'step'", Assert.Throws<JsonException>(() => Read("""{"loss":1}""")).Message, StringComparison.Ordinal);

    private static HistoryLine Read(string json) => JsonSerializer.Deserialize(json, HistoryJson.Default.HistoryLine)!;
}
