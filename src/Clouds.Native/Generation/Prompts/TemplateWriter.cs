using Clouds.Diagnostics;
using Clouds.Graph.Randomness;

namespace Clouds.Native.Generation.Prompts;

/// <summary>
/// Writes prompts without a model, "a photo of X in Z" (paper section 3.2; method.md section 5.1): X is one to three classes by a name or a synonym, Z one to
/// three contexts of different kinds. Each class is in as many prompts as any other, give or take one.
/// </summary>
public static class TemplateWriter
{
    private const int MostClasses = 3;
    private const int MostContexts = 3;
    private const int Patience = 1000;

    private static readonly ILookup<ContextKind, ContextPhrase> Contexts =
        ContextPhrase.All.Where(phrase => phrase.First.Length > 0).ToLookup(phrase => phrase.Kind);

    // Where it is, then what the weather is like, then when.
    private static readonly ContextKind[] Order = [ContextKind.Place, ContextKind.Weather, ContextKind.Time, ContextKind.Season];

    /// <summary>Writes a list. Same words, count and seed: same list; a longer one begins with it.</summary>
    /// <param name="words">The classes and what they are called.</param>
    /// <param name="count">Number of prompts, 1 or more; no two are the same. The paper: 100.</param>
    /// <param name="seed">Seed of all that is drawn.</param>
    /// <exception cref="CloudsException">Usage: the count is out of range, or there are not so many different ones.</exception>
    public static IReadOnlyList<Prompt> Write(ClassWords words, int count = 100, long seed = 1)
    {
        if (count < 1)
        {
            throw new CloudsException(Failure.Usage, "the number of prompts is out of range", null, $"{count}", "1 or more");
        }

        ILookup<string, string> spoken = words.Words.Where(word => word.Spoken.Length > 0).ToLookup(word => word.Class, word => word.Spoken);
        Dictionary<string, int> used = words.Classes.ToDictionary(name => name, _ => 0);
        HashSet<string> seen = [];
        List<Prompt> prompts = [];
        while (prompts.Count < count)
        {
            RandomStream random = new((ulong)seed, "prompts", prompts.Count);
            PromptOrigin origin = new(PromptSource.Template) { Seed = seed, Index = prompts.Count };
            IEnumerable<Prompt> drawn = Enumerable.Range(0, Patience).Select(_ => Draw(spoken, used, origin, random));
            Prompt? next = drawn.FirstOrDefault(prompt => seen.Add(PromptCheck.Key(prompt.Text)));
            prompts.Add(next ?? throw new CloudsException(Failure.Usage, "there are not so many different prompts", null, $"{count}",
                $"about {prompts.Count} at most", "ask for fewer, or name more words for the classes"));
            next.Classes.ToList().ForEach(name => used[name]++);
        }

        return prompts;
    }

    private static Prompt Draw(ILookup<string, string> spoken, Dictionary<string, int> used, PromptOrigin origin, RandomStream random)
    {
        int number = Math.Min(1 + random.NextInt32(MostClasses), used.Count);
        int[] order = random.NextPermutation(used.Count);
        string[] rarest = [.. used.Keys.Zip(order).OrderBy(pair => used[pair.First]).ThenBy(pair => pair.Second).Take(number).Select(pair => pair.First)];
        string[] names = [.. rarest.Select(name => Pick([.. spoken[name]], random))];
        string context = Context(random);
        return new Prompt
        {
            Text = $"a photo of {Listing(names)} in {context}",
            Classes = [.. used.Keys.Where(rarest.Contains)],
            Context = context,
            Origin = origin,
        };
    }

    private static string Context(RandomStream random)
    {
        int[] order = random.NextPermutation(Order.Length);
        int number = 1 + random.NextInt32(MostContexts);
        List<ContextPhrase> phrases = [];
        foreach (ContextKind kind in Order.Zip(order).Where(pair => pair.Second < number).Select(pair => pair.First))
        {
            phrases.Add(Pick([.. Contexts[kind].Where(phrase => phrases.All(phrase.GoesWith))], random));
        }

        return string.Join(' ', phrases.Select((phrase, i) => i == 0 ? phrase.First : phrase.Later));
    }

    private static T Pick<T>(IReadOnlyList<T> all, RandomStream random) => all[random.NextInt32(all.Count)];

    private static string Listing(string[] names) => names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} and {names[^1]}";
}
