using Clouds.Graph.Randomness;
using Clouds.Native.Generation.Prompts;

namespace Clouds.Tests.Native.Generation.Prompts;

[Kind(TestKind.Fast)]
public sealed class AnswerReaderTests
{
    private const string Car = "a photo of a car in heavy rain";
    private const string Bus = "a photo of a bus in the snow";

    public static TheoryData<string> Lists =>
    [
        $"1. {Car}\n2. {Bus}\n",
        $"1) {Car}\r\n2) {Bus}",
        $"(1) {Car}\n(2) {Bus}",
        $"#1: {Car}.\n#2: {Bus}.",
        $"- {Car}\n- {Bus}\n",
        $"• {Car};\n• {Bus};",
        $"* **{Car}**\n* **{Bus}**",
        $"**1.** {Car}\n**2.** {Bus}",
        $"Prompt 1: \"{Car}\"\nPrompt 2: \"{Bus}\"",
        $"1. “{Car}”\n2. “{Bus}.”",
        $"'{Car}'\n'{Bus}'",
        $"«{Car}»\n«{Bus}»",
        $"`{Car}`\n`{Bus}`",
        $"```\n{Car}\n{Bus}\n```",
        $"| # | prompt |\n|---|---|\n| 1 | {Car} |\n| 2 | {Bus} |",
        $"[\"{Car}\", \"{Bus}\"]",
        $$"""{"prompts": ["{{Car}}", "{{Bus}}"]}""",
        $$"""[{"prompt": "{{Car}}", "class": "car"}, {"prompt": "{{Bus}}"}]""",
        $"\"{Car}\\n{Bus}\\n\"",
        $"<ol><li>{Car}</li><li>{Bus}</li></ol>",
        $"1. {Car}<br>2. {Bus}<br/>",
        $"Sure! Here are your prompts:\n\n1. {Car}\n\n2. {Bus}\n\nI hope these help! Let me know if you need more.",
        $"{Car}. {Bus}. I hope this helps!",
        $"1. {Car}; 2. {Bus}",
        $"1. {Car} 2. {Bus}",
        $"{Car}, {Bus}.",
        $"{Car} and {Bus}.",
        $"{Car} | {Bus}",
        $"1. {Car} (car, weather)\n2. {Bus} - shows a bus",
        $"1. {Car}: wet asphalt shines.\n2. {Bus} — cold.",
        $"１．{Car}\n２、{Bus}",
        "1. A Photo  Of a car in heavy rain.\n2. A PHOTO OF a bus in the snow!",
        "1. a photo of\u00A0a car in heavy\u200B rain\n2. a photo of a bus in the snow",
        "1. a photo of a car in\n   heavy rain\n2. a photo of a bus in the\n   snow",
        $"\u001b[1m{Car}\u001b[0m\n\ud800{Bus}",
        $"Prompts:\n\t1.\t{Car}\n\t2.\t{Bus}",
        $"Here are 100 prompts. Each is a street scene.\n1. {Car}\n2. {Bus}\nPhotos like these are diverse.",
    ];

    [Theory]
    [MemberData(nameof(Lists))]
    public void Read_ListHoweverItIsSet_HasItsPrompts(string answer)
        => Assert.Equal([Car, Bus], AnswerReader.Read(answer, 2).Select(prompt => prompt.Text));

    [Theory]
    [InlineData("a photo of a car in St. Petersburg. Nice.", "a photo of a car in St. Petersburg")]
    [InlineData("a photo of a car in the 6 a.m. light", "a photo of a car in the 6 a.m. light")]
    [InlineData("a photo of a car in fog at 10:30", "a photo of a car in fog at 10:30")]
    [InlineData("'a photo of a driver's car in fog'", "a photo of a driver's car in fog")]
    [InlineData("a photo of a traffic_light in fog", "a photo of a traffic light in fog")]
    [InlineData("a photo of a chain-link fence in fog", "a photo of a chain-link fence in fog")]
    [InlineData("a photo of a car, a bus and a tree in fog", "a photo of a car, a bus and a tree in fog")]
    [InlineData("a photo of a car &amp; a bus in fog", "a photo of a car & a bus in fog")]
    public void Read_MarksInsideAPrompt_Stay(string answer, string prompt) => Assert.Equal(prompt, Assert.Single(AnswerReader.Read(answer, 1)).Text);

    [Fact]
    public void Read_ItemOfAnotherForm_IsToldAsItIs()
    {
        string answer = $"1. \"A picture of a car, at dusk.\"\n{Car}\n- car in rain\nBye now";
        Assert.Equal(["A picture of a car, at dusk", Car, "car in rain"], AnswerReader.Read(answer, 3).Select(prompt => prompt.Text));
    }

    [Theory]
    [InlineData("", 100)]
    [InlineData("I cannot do that.", 100)]
    [InlineData("\n\n\t\n", 1)]
    public void Read_NoList_IsEmpty(string answer, int asked) => Assert.Empty(AnswerReader.Read(answer, asked));

    [Fact]
    public void Read_EndsInsideAPrompt_SaysThatTheLastIsCut()
    {
        string answer = $"1. {Car}\n2. {Bus}\n3. a photo of a truck in the rai";
        Assert.Equal([false, false, true], AnswerReader.Read(answer, 100).Select(prompt => prompt.Cut));
        Assert.DoesNotContain(AnswerReader.Read(answer, 3), prompt => prompt.Cut);
        Assert.DoesNotContain(AnswerReader.Read($"{answer}n.", 100), prompt => prompt.Cut);
        Assert.DoesNotContain(AnswerReader.Read($"{answer}n\nThat is all!", 100), prompt => prompt.Cut);
        Assert.False(Assert.Single(AnswerReader.Read(Car, 100)).Cut);
    }

    [Fact]
    public void Read_RandomAnswers_NeverThrowsAndGivesLinesThatReadBackAsThemselves()
    {
        string[] pieces =
        [
            Car, Bus, "a photo of ", "A photo of", " in ", "in", "a traffic light", "the rain", "\n", "\r\n", "1. ", "2) ", "- ", "* ", "**", "`", "\"",
            "'", "“", "”",
            "|", "; ", ", ", ". ", ".", ": ", " - ", " (", ")", "[", "]", "{", "}", "<li>", "</li>", "<", ">", "&amp;", "&#0;", "&#xD800;",
            "&quot;", "\\n", "\\", "\0",
            "\ud83d", "\udc00", "🚗", "汽车", "Z\u0308", "\u202E", "\u2028", "\uFFFD", "\t", "_", "~~", "Sure! ", "100", "…", " and ",
            "photo of", "e\u0301", "\u200D",
        ];
        PromptCheck check = new(ClassWords.Cityscapes);
        int usable = 0;
        for (int i = 0; i < 20_000; i++)
        {
            RandomStream random = new(7, "answers", i);
            string answer = string.Concat(Enumerable.Range(0, 1 + random.NextInt32(24)).Select(_ => pieces[random.NextInt32(pieces.Length)]));
            HashSet<string> seen = [];
            foreach (AnsweredPrompt found in AnswerReader.Read(answer, 1 + random.NextInt32(4)))
            {
                Prompt prompt = check.Mark(found.Text, new PromptOrigin(PromptSource.Model), seen);
                usable += prompt.Faults.Count == 0 && !found.Cut ? RequireWhole(prompt.Text) : 0;
            }
        }

        Assert.InRange(usable, 2_000, 200_000);
    }

    private static int RequireWhole(string text)
    {
        Assert.StartsWith("a photo of ", text, StringComparison.Ordinal);
        Assert.DoesNotContain(text, char.IsControl);
        Assert.DoesNotContain(text.EnumerateRunes(), rune => rune.Value == 0xFFFD);
        Assert.Equal(text, text.Trim());
        Assert.Equal(text, Assert.Single(AnswerReader.Read(text, 1)).Text);
        return 1;
    }
}
