namespace Clouds.Native.Generation.Prompts;

/// <summary>How evenly prompts name the classes.</summary>
/// <param name="classes">The classes.</param>
/// <param name="count">Number of prompts that are wanted.</param>
internal sealed class ClassBalance(IReadOnlyList<string> classes, int count)
{
    // A quarter of what a class would have if each prompt named one and all were named alike.
    private const int Share = 4;

    /// <summary>Prompts that each class should have at least; 0 where there are fewer prompts than classes.</summary>
    private int Least => count < classes.Count ? 0 : Math.Max(1, count / (Share * classes.Count));

    /// <summary>Classes that have too few prompts, rarest first.</summary>
    public IReadOnlyList<string> Lacking(IReadOnlyList<Prompt> prompts) => Below(prompts, Least);

    /// <summary>Classes that have less than half the mean, rarest first.</summary>
    public IReadOnlyList<string> Rare(IReadOnlyList<Prompt> prompts)
        => Below(prompts, prompts.Sum(prompt => prompt.Classes.Count) / 2.0 / classes.Count);

    /// <summary>The prompts to keep: all where they are not too many, otherwise those that even the classes out, the earlier of two alike.</summary>
    /// <returns>At most the number that is wanted, in their order.</returns>
    public IReadOnlyList<Prompt> Choose(IReadOnlyList<Prompt> prompts)
    {
        if (prompts.Count <= count)
        {
            return prompts;
        }

        Dictionary<string, int> used = classes.ToDictionary(name => name, _ => 0);
        List<int> open = [.. Enumerable.Range(0, prompts.Count)];
        List<int> chosen = [];
        while (chosen.Count < count)
        {
            int next = open.MinBy(i => (prompts[i].Classes.Select(name => used[name]).DefaultIfEmpty(int.MaxValue).Min(), i));
            open.Remove(next);
            chosen.Add(next);
            prompts[next].Classes.ToList().ForEach(name => used[name]++);
        }

        return [.. chosen.Order().Select(i => prompts[i])];
    }

    private IReadOnlyList<string> Below(IReadOnlyList<Prompt> prompts, double least) =>
        [.. classes.Select(name => (Name: name, Prompts: prompts.Count(prompt => prompt.Classes.Contains(name))))
            .Where(tally => tally.Prompts < least).OrderBy(tally => tally.Prompts).Select(tally => tally.Name)];
}
