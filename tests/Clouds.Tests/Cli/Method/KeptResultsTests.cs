using System.Globalization;
using System.Text.Json;
using Clouds.Training.Streets.World;

namespace Clouds.Tests.Cli.Method;

/// <summary>The results of `clouds reproduce mini` that the repository keeps: complete, and reckoned right.</summary>
[Kind(TestKind.Fast)]
public sealed class KeptResultsTests
{
    private const double Rounding = 0.0011;

    public static TheoryData<string> Results =>
        [.. Directory.GetFiles(Path.Combine(Repository.Root, "experiments", "mini"), "*.json").Select(file => Path.GetFileNameWithoutExtension(file)!)];

    [Theory]
    [MemberData(nameof(Results))]
    public void Result_HasItsDateThreeSeedsEveryArmAndWhatWasPrinted(string date)
    {
        using JsonDocument kept = Read(date);
        Assert.Equal(date, kept.RootElement.GetProperty("date").GetDateTimeOffset().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Assert.Equal([1, 2, 3], kept.RootElement.GetProperty("seeds").EnumerateArray().Select(seed => seed.GetInt32()));
        Assert.Equal(["source", "generated", "refined", "scratch"], Arms(kept).Select(arm => arm.GetProperty("arm").GetString()));
        Assert.Equal("mini", kept.RootElement.GetProperty("plan").GetProperty("name").GetString());
        string printed = File.ReadAllText(Path.ChangeExtension(PathOf(date), ".txt"));
        Assert.All(Arms(kept), arm => Assert.Contains(
            arm.GetProperty("targets").GetProperty("mean").GetDouble().ToString("0.0", CultureInfo.InvariantCulture), printed, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Results))]
    public void Result_MeansOfGroups_AreThoseOfTheStylesAndSeeds(string date)
    {
        using JsonDocument kept = Read(date);
        WorldGroup[] targets = [WorldGroup.Seen, WorldGroup.Unseen];
        Assert.All(Arms(kept), arm =>
        {
            Assert.Equal(Mean(arm, targets[0]), arm.GetProperty("groupA").GetProperty("mean").GetDouble(), Rounding);
            Assert.Equal(Mean(arm, targets[1]), arm.GetProperty("groupB").GetProperty("mean").GetDouble(), Rounding);
            Assert.Equal(Mean(arm, targets), arm.GetProperty("targets").GetProperty("mean").GetDouble(), Rounding);
        });
    }

    private static double Mean(JsonElement arm, params WorldGroup[] groups) => groups.SelectMany(WorldStyle.Of).Average(style =>
        arm.GetProperty("styles").GetProperty(style.Name).GetProperty("values").EnumerateArray().Average(value => value.GetDouble()));

    private static JsonElement.ArrayEnumerator Arms(JsonDocument kept) => kept.RootElement.GetProperty("arms").EnumerateArray();

    private static JsonDocument Read(string date) => JsonDocument.Parse(File.ReadAllText(PathOf(date)));

    private static string PathOf(string date) => Path.Combine(Repository.Root, "experiments", "mini", $"{date}.json");
}
