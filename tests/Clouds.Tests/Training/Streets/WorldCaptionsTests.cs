using System.Text.RegularExpressions;
using Clouds.Graph.Randomness;
using Clouds.Native.Generation.Prompts;
using Clouds.Training.Streets.World;

namespace Clouds.Tests.Training.Streets;

[Kind(TestKind.Fast)]
public sealed partial class WorldCaptionsTests
{
    // Written out once more, so that a wrong row of the table is found.
    private static readonly (string Word, int Id)[] Words =
    [
        ("road", 0), ("street", 0), ("sidewalk", 1), ("pavement", 1), ("building", 2), ("house", 2), ("wall", 3), ("fence", 4), ("pole", 5),
        ("traffic light", 6),
        ("traffic sign", 7), ("tree", 8), ("trees", 8), ("terrain", 9), ("sky", 10), ("person", 11), ("pedestrian", 11), ("rider", 12), ("car", 13),
        ("truck", 14),
        ("lorry", 14), ("bus", 15), ("train", 16), ("tram", 16), ("motorcycle", 17), ("motorbike", 17), ("bicycle", 18), ("bike", 18),
    ];

    private static readonly Dictionary<string, Func<WorldSetting, bool>> Contexts = new()
    {
        ["dawn"] = s => s.Light == WorldLight.Dawn, ["dusk"] = s => s.Light == WorldLight.Dusk, ["daylight"] = s => s.Light == WorldLight.Day,
        ["night"] = s => s.Light is WorldLight.Night or WorldLight.Neon, ["sunset"] = s => s.Light == WorldLight.Sunset,
        ["neon"] = s => s.Light == WorldLight.Neon,
        ["rain"] = s => s.Weather == WorldWeather.Rain, ["fog"] = s => s.Weather == WorldWeather.Fog, ["snow"] = s => s.Weather == WorldWeather.Snow,
        ["clear"] = s => s.Weather == WorldWeather.Clear, ["overcast"] = s => s.Weather == WorldWeather.Overcast,
        ["sandstorm"] = s => s.Weather == WorldWeather.Sandstorm, ["blizzard"] = s => s.Weather == WorldWeather.Blizzard,
        ["spring"] = s => s.Season == WorldSeason.Spring, ["summer"] = s => s.Season == WorldSeason.Summer, ["autumn"] = s => s.Season == WorldSeason.Autumn,
        ["winter"] = s => s.Season == WorldSeason.Winter, ["city"] = s => s.Place == WorldPlace.City, ["suburb"] = s => s.Place == WorldPlace.Suburb,
        ["village"] = s => s.Place == WorldPlace.Village, ["highway"] = s => s.Place == WorldPlace.Highway,
        ["industrial"] = s => s.Place == WorldPlace.Industrial,
        ["harbour"] = s => s.Place == WorldPlace.Harbour, ["park"] = s => s.Place == WorldPlace.Park, ["forest"] = s => s.Place == WorldPlace.Forest,
    };

    [Theory]
    [MemberData(nameof(WorldScenesTests.Styles), MemberType = typeof(WorldScenesTests))]
    public void Caption_AnyScene_TellsWhatIsThere(string name)
    {
        for (int index = 0; index < 8; index++)
        {
            WorldScene scene = WorldScenes.Render(WorldScenesTests.Style(name), 2, index, 96, 64);
            IReadOnlyList<int> visible = WorldCaptions.Visible(scene.Labels);
            for (int variant = 0; variant < 6; variant++)
            {
                string caption = WorldCaptions.Of(scene, variant);
                Match match = Form().Match(caption);
                Assert.True(match.Success, caption);
                Assert.True(WorldCaptions.Holds(caption, visible, scene.Setting), caption);
                string[] named = SubjectBreak().Split(match.Groups["x"].Value);
                Assert.InRange(named.Length, 1, 3);
                Assert.All(named, word => Assert.Contains(Words.Single(entry => entry.Word == Article().Replace(word, "")).Id, visible));
                string[] contexts = [.. Contexts.Keys.Where(word => Regex.IsMatch(match.Groups["z"].Value, $@"\b{word}\b"))];
                Assert.True(contexts.Length >= 2, caption);
                Assert.All(contexts, word => Assert.True(Contexts[word](scene.Setting), $"{caption}: {scene.Setting}"));
            }
        }
    }

    // A night in fog in a city, in which a car, a tree and a sidewalk can be made out.
    [Theory]
    [InlineData("a photo of a car, trees and a pavement in fog at night in a city", true)]
    [InlineData("a picture of a sidewalk in the dark of night", true)]
    [InlineData("a photo of a car and a bus in fog", false)]
    [InlineData("a photo of a car in rain at night", false)]
    [InlineData("a photo of a car in broad daylight", false)]
    [InlineData("a photo of a car in fog on a highway", false)]
    [InlineData("a photo of a car in highway traffic in fog", false)]
    [InlineData("a photo of a car in summer in fog", false)]
    public void Holds_OfAnotherPicture_NeedsAllThatIsToldToBeSo(string caption, bool holds) => Assert.Equal(
        holds, WorldCaptions.Holds(caption, [1, 8, 13], new WorldSetting(WorldLight.Night, WorldWeather.Fog, WorldSeason.Autumn, WorldPlace.City)));

    [Fact]
    public void Visible_Thing_NeedsALowerShareThanStuff()
    {
        Clouds.Native.Images.LabelMap labels = new(100, 10);
        Array.Fill(labels.Ids, (ushort)0, 0, 962);
        Array.Fill(labels.Ids, (ushort)10, 962, 30);
        Array.Fill(labels.Ids, (ushort)15, 992, 8);
        Assert.Equal([0, 15], WorldCaptions.Visible(labels));
    }

    [Fact]
    public void Prompts_OfSomeClasses_NameThemAboutEquallyOftenAndOfTheWishedOneEach()
    {
        PromptCheck check = new(ClassWords.Cityscapes);
        IReadOnlyList<string> prompts = WorldTexts.Prompts(new RandomStream(5, "prompts"), 60, [0, 8, 13, 15, 18], [8, 15]);
        IReadOnlyList<Prompt> marked = check.Mark([.. prompts.Select(text => new Prompt { Text = text, Origin = new(PromptSource.Text) })]);
        Assert.Equal(60, prompts.Distinct().Count());
        Assert.All(marked, prompt => Assert.Empty(prompt.Faults));
        Assert.All(marked, prompt => Assert.True(prompt.Classes.Contains("vegetation") || prompt.Classes.Contains("bus"), prompt.Text));
        Assert.All(marked, prompt => Assert.Empty(prompt.Classes.Except(["road", "vegetation", "car", "bus", "bicycle"])));
        int Of(string name) => marked.Count(prompt => prompt.Classes.Contains(name));
        Assert.InRange(Of("bus") - Of("vegetation"), -2, 2);
        Assert.InRange(Of("car") - Of("road"), -2, 2);
        Assert.DoesNotContain(prompts, text => Unseen().IsMatch(text));
    }

    [GeneratedRegex("^a (?:photo|picture|snapshot) of (?<x>.+?) in (?<z>.+)$")]
    private static partial Regex Form();

    [GeneratedRegex(", | and ")]
    private static partial Regex SubjectBreak();

    [GeneratedRegex("^(?:an?|the) ")]
    private static partial Regex Article();

    [GeneratedRegex("sunset|neon|sandstorm|blizzard|forest")]
    private static partial Regex Unseen();
}
