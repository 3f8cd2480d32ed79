using System.Globalization;
using Clouds.Graph.Randomness;

namespace Clouds.Training.Streets.World;

/// <summary>
/// What a language model learns of the wide world: prompts "a photo of X in Z", and lists of them as answers to the paper's instruction (section 3.2). Words of
/// styles that nobody sees do not occur. A text is a function of seed and number.
/// </summary>
/// <param name="seed">Seed of the texts.</param>
public sealed class WorldTexts(ulong seed)
{
    private const int Classes = 19;

    private static readonly WorldStyle Wide = WorldStyle.Of(WorldGroup.Wide).Single();

    /// <summary>One prompt.</summary>
    /// <param name="index">Its number, 0 or more.</param>
    public string Prompt(int index) => Write(new RandomStream(seed, "world/prompt", index));

    /// <summary>An answer: prompts that differ, one a line, numbered from 1.</summary>
    /// <param name="index">Its number, 0 or more.</param>
    /// <param name="count">Prompts, 1 to 1000.</param>
    public string Answer(int index, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 1000);
        RandomStream random = new(seed, "world/answer", index);
        List<string> prompts = new(count);
        HashSet<string> known = new(count);
        while (prompts.Count < count)
        {
            string prompt = Write(random);
            if (known.Add(prompt))
            {
                prompts.Add(string.Create(CultureInfo.InvariantCulture, $"{prompts.Count + 1}. {prompt}"));
            }
        }

        return string.Join('\n', prompts);
    }

    private static string Write(RandomStream random)
    {
        WorldSetting setting = Wide.Draw(random);
        int[] classes = [.. Enumerable.Range(0, Classes).Where(id => random.NextBoolean(WorldCaptions.IsThing(id) ? 0.6 : 0.4))];
        return WorldCaptions.Sentence("a photo of", classes.Length > 0 ? classes : [(int)StreetClass.Car], setting, random);
    }
}
