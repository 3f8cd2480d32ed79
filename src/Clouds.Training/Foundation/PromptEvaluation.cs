using Clouds.Diagnostics;
using Clouds.Native.Generation.Language;
using Clouds.Native.Generation.Prompts;

namespace Clouds.Training.Foundation;

/// <summary>Measures a language model by the prompts that it writes (paper section 3.2).</summary>
public static class PromptEvaluation
{
    /// <summary>Has lists written as <see cref="PromptWriter"/> does, each with a seed of its own, and counts what the answers are worth.</summary>
    /// <param name="model">The model; stays the caller's.</param>
    /// <param name="words">The classes.</param>
    /// <param name="options">How it is asked; the seed of the first list in it.</param>
    /// <param name="lists">Lists, 1 or more.</param>
    /// <param name="progress">Told with every answer.</param>
    /// <param name="cancellation">Stops between two tokens.</param>
    /// <exception cref="CloudsException">As of <see cref="PromptWriter.Write"/>; a list that stays too short is a result.</exception>
    public static ModelEvaluation Run(
        ILanguageModel model, ClassWords words, PromptWriterOptions options, int lists, IProgress<ProgressReport>? progress = null,
        CancellationToken cancellation = default)
    {
        int all = lists * options.Count;
        PromptTrial[] trials =
        [
            .. Enumerable.Range(0, lists).Select(list => new PromptTrial(model, words, options.From(options.Seed + list),
                kept => progress?.Report(new ProgressReport("evaluate llm", (list * options.Count) + Math.Min(kept, options.Count), all)),
                cancellation)),
        ];
        return new ModelEvaluation
        {
            Kind = "llm",
            Model = model.Facts.Name,
            Files = model.Facts.Files,
            Data = $"prompts of {words.Classes.Count} classes",
            Count = all,
            Seed = options.Seed,
            Settings = new Dictionary<string, object>
            {
                ["lists"] = lists, ["prompts"] = options.Count, ["temperature"] = options.Answer.Temperature, ["context"] = model.Facts.Context,
            },
            Measures = Measures(trials, new PromptSurvey([.. trials.SelectMany(trial => trial.Prompts)], words)),
        };
    }

    private static IReadOnlyList<Measure> Measures(PromptTrial[] trials, PromptSurvey survey)
    {
        Prompt[] refused = [.. trials.SelectMany(trial => trial.Refused)];
        int usable = trials.Sum(trial => trial.Usable), found = usable + refused.Length, kept = survey.Prompts.Count;
        int spoilt = refused.Count(prompt => prompt.Faults.Contains(PromptFault.Form) || prompt.Faults.Contains(PromptFault.Cut));
        return
        [
            new("valid", "prompts in the answers that pass all checks", Share(usable, found)),
            new("parsed", "of the form \"a photo of X in Z\", to their end", Share(found - spoilt, found)),
            .. Enum.GetValues<PromptFault>().Select(fault => Fault(fault, refused.Count(prompt => prompt.Faults.Contains(fault)), found)),
            new("asWished", "with a class that was asked for as too rare", Share(trials.Sum(trial => trial.Granted), trials.Sum(trial => trial.Wished))),
            new("complete", "lists with as many prompts as were asked for", Share(trials.Count(trial => trial.IsComplete), trials.Length)),
            new("answers", "answers a list", trials.Average(trial => trial.Answers), MeasureKind.Number),
            new("different", "prompts that differ, of all lists", Share(survey.Prompts.DistinctBy(prompt => PromptCheck.Key(prompt.Text)).Count(), kept)),
            new("classes", "classes that are named", survey.Classes.Count(count => count.Prompts > 0), MeasureKind.Count),
            new("rarestClass", "prompts that name the rarest class", Share(survey.Classes.Min(count => count.Prompts), kept)),
            new("mostFrequentClass", "prompts that name the most frequent class", Share(survey.Classes.Max(count => count.Prompts), kept)),
            .. survey.Kinds.Select(kind => new Measure($"{kind.Key}".ToLowerInvariant(), $"prompts that tell {Told(kind.Key)}", Share(kind.Value, kept))),
            new("contexts", "different contexts that are known", survey.Contexts.Values.Sum(contexts => contexts.Count), MeasureKind.Count),
        ];
    }

    private static Measure Fault(PromptFault fault, int prompts, int found) => fault switch
    {
        PromptFault.Form => new("form", "not of the form", Share(prompts, found)),
        PromptFault.NoClass => new("noClass", "without a class", Share(prompts, found)),
        PromptFault.Length => new("length", "too long", Share(prompts, found)),
        PromptFault.Cut => new("cut", "broken off", Share(prompts, found)),
        PromptFault.Twice => new("twice", "there already", Share(prompts, found)),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "not a fault"),
    };

    private static string Told(ContextKind kind) => kind switch
    {
        ContextKind.Time => "the time of day",
        ContextKind.Weather => "the weather",
        ContextKind.Season => "the season",
        ContextKind.Place => "the place",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not a kind"),
    };

    private static double? Share(int part, int whole) => whole > 0 ? part / (double)whole : null;
}
