using Clouds.Graph.Randomness;

namespace Clouds.Training.Streets.World;

/// <summary>
/// What a language model learns of the wide world: lists of prompts "a photo of X in Z" (paper section 3.2) in which classes are named about equally often.
/// Words of styles that nobody sees do not occur.
/// </summary>
internal static class WorldTexts
{
    private const int MostNamed = 3;

    private static readonly WorldStyle Wide = WorldStyle.Of(WorldGroup.Wide).Single();

    /// <summary>Writes prompts that differ.</summary>
    /// <param name="random">Decides.</param>
    /// <param name="count">How many, 0 to 100.</param>
    /// <param name="classes">Train ids of the classes that they name, at least one.</param>
    /// <param name="wished">Those of them that every prompt names one of; empty: any.</param>
    public static IReadOnlyList<string> Prompts(RandomStream random, int count, IReadOnlyList<int> classes, IReadOnlyList<int> wished)
    {
        Dictionary<int, int> used = classes.ToDictionary(id => id, _ => 0);
        List<string> prompts = new(count);
        while (prompts.Count < count)
        {
            IReadOnlyList<int> named = Named(random, classes, wished, used);
            string prompt = WorldCaptions.Describe("a photo of", named, Wide.Draw(random), fewest: 1, random);
            if (!prompts.Contains(prompt))
            {
                prompts.Add(prompt);
                named.ToList().ForEach(id => used[id]++);
            }
        }

        return prompts;
    }

    // The rarest so far, of equals any; things in front of what stands behind them.
    private static IReadOnlyList<int> Named(
        RandomStream random, IReadOnlyList<int> classes, IReadOnlyList<int> wished, Dictionary<int, int> used)
    {
        List<int> named = [];
        for (int left = 1 + random.NextInt32(Math.Min(MostNamed, classes.Count)); left > 0; left--)
        {
            bool wish = wished.Count > 0 && (named.Count == 0 || random.NextBoolean());
            int[] free = [.. (wish ? wished : classes).Except(named)];
            free = free.Length > 0 ? free : [.. classes.Except(named)];
            int least = free.Min(id => used[id]);
            free = [.. free.Where(id => used[id] == least)];
            named.Add(free[random.NextInt32(free.Length)]);
        }

        return [.. named.OrderByDescending(WorldCaptions.IsThing)];
    }
}
