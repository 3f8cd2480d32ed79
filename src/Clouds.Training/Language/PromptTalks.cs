using System.Globalization;
using Clouds.Graph.Randomness;
using Clouds.Native.Generation.Prompts;
using Clouds.Native.Segmentation;
using Clouds.Training.Streets.World;

namespace Clouds.Training.Language;

/// <summary>
/// The paper's instruction (section 3.2) as <see cref="PromptWriter"/> asks it, the first time and again, with answers about the wide world: the classes of
/// the list in the question, those that it says are too rare in every prompt. A talk is a function of seed and number.
/// </summary>
/// <param name="seed">Seed of all that is drawn.</param>
public sealed class PromptTalks(ulong seed)
{
    private const int MostPrompts = 12;
    private const int MostKnown = 3;
    private const int FewestClasses = 3;
    private const double FewPrompts = 0.3;
    private const double WholeList = 0.6;
    private const double FirstTime = 0.3;
    private const double NoneRare = 0.15;
    private const double SomeWrong = 0.15;

    private static readonly PromptOrigin Origin = new(PromptSource.Template);
    private static readonly int[] All = [.. Enumerable.Range(0, ClassSet.Cityscapes.Count)];

    /// <summary>A talk.</summary>
    /// <param name="index">Its number, 0 or more.</param>
    public LearnedText Talk(int index)
    {
        RandomStream random = new(seed, "world/talk", index);
        int[] classes = random.NextBoolean(WholeList) ? All : Some(random, All, FewestClasses, All.Length);
        int asked = random.NextBoolean(FewPrompts) ? 1 + random.NextInt32(MostPrompts) : (MostPrompts / 2) + random.NextInt32(1 + (MostPrompts / 2));
        return random.NextBoolean(FirstTime) || classes.Length == FewestClasses ? First(random, classes, asked) : Again(random, classes, asked);
    }

    private static LearnedText First(RandomStream random, int[] classes, int asked) =>
        new(Question(Words(classes)).Of(asked, [], [], []), Answer(WorldTexts.Prompts(random, asked, classes, [])));

    private static LearnedText Again(RandomStream random, int[] classes, int asked)
    {
        // Rare classes are in no prompt that is there, so that the answer repeats none.
        int[] rare = random.NextBoolean(NoneRare) ? [] : Some(random, classes, 1, Math.Min(PromptQuestion.MostRare, classes.Length - 1));
        int kept = 1 + random.NextInt32(MostKnown);
        IReadOnlyList<string> written = rare.Length == 0
            ? WorldTexts.Prompts(random, kept + asked, classes, [])
            : [.. WorldTexts.Prompts(random, kept, [.. classes.Except(rare)], []), .. WorldTexts.Prompts(random, asked, classes, rare)];
        ClassWords words = Words(classes);
        IReadOnlyList<Prompt> known = [.. written.Take(kept).Select(Prompt)], refused = random.NextBoolean(SomeWrong) ? Refused(random, words, known) : [];
        return new LearnedText(
            Question(words).Of(asked, known, [.. rare.Select(id => ClassSet.Cityscapes.Names[id])], refused), Answer([.. written.Skip(kept)]));
    }

    // Prompts as models spoil them: in other words, broken off, told twice.
    private static IReadOnlyList<Prompt> Refused(RandomStream random, ClassWords words, IReadOnlyList<Prompt> known)
    {
        string text = known[0].Text;
        string[] spoilt = random.NextInt32(3) switch
        {
            0 => [text.Replace("photo", "picture", StringComparison.Ordinal)],
            1 => [text[..(text.Length / 2)]],
            _ => [text, text],
        };
        return [.. new PromptCheck(words).Mark([.. spoilt.Select(Prompt)]).Where(prompt => prompt.Faults.Count > 0)];
    }

    // As models with little room are asked.
    private static PromptQuestion Question(ClassWords words) => new(words, synonyms: 0);

    private static Prompt Prompt(string text) => new() { Text = text, Origin = Origin };

    private static string Answer(IReadOnlyList<string> prompts) =>
        string.Join('\n', prompts.Select((prompt, i) => string.Create(CultureInfo.InvariantCulture, $"{i + 1}. {prompt}")));

    private static int[] Some(RandomStream random, int[] classes, int fewest, int most)
    {
        int[] order = random.NextPermutation(classes.Length);
        return [.. order.Take(fewest + random.NextInt32(most - fewest + 1)).Select(i => classes[i])];
    }

    private static ClassWords Words(int[] classes)
    {
        ClassSet all = ClassSet.Cityscapes;
        return classes == All ? ClassWords.Cityscapes
            : new ClassWords(new ClassSet([.. classes.Select(id => all.Names[id])], [.. classes.Select(id => all.Colours[id])]));
    }
}
