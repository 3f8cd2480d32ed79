using Clouds.Diagnostics;
using Clouds.Native.Generation.Language;
using Clouds.Native.Generation.Prompts;

namespace Clouds.Training.Foundation;

/// <summary>How a language model wrote one list of prompts.</summary>
internal sealed class PromptTrial : IProgress<PromptAnswer>
{
    private readonly List<PromptAnswer> _answers = [];
    private readonly Action<int> _told;

    /// <summary>Has it written.</summary>
    /// <param name="model">Who writes.</param>
    /// <param name="words">The classes.</param>
    /// <param name="options">How it is asked.</param>
    /// <param name="told">Told with every answer how many prompts are there.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="CloudsException">As of <see cref="PromptWriter.Write"/>, but for answers that give too few: these are a result.</exception>
    public PromptTrial(ILanguageModel model, ClassWords words, PromptWriterOptions options, Action<int> told, CancellationToken stop)
    {
        _told = told;
        try
        {
            new PromptWriter(model, words, options).Write(answered: this, stop: stop);
            IsComplete = true;
        }
        catch (CloudsException e) when (e.Failure == Failure.BadInput && _answers.Count > 0)
        {
            IsComplete = false;
        }
    }

    /// <summary>Whether it has as many prompts as were asked for.</summary>
    public bool IsComplete { get; }

    /// <summary>What is kept.</summary>
    public IReadOnlyList<Prompt> Prompts => _answers.Count == 0 ? [] : _answers[^1].Kept;

    /// <summary>Answers of the model.</summary>
    public int Answers => _answers.Count;

    /// <summary>Prompts in them that pass all checks.</summary>
    public int Usable => _answers.Sum(answer => answer.Usable.Count);

    /// <summary>The others, or what was meant as one.</summary>
    public IEnumerable<Prompt> Refused => _answers.SelectMany(answer => answer.Refused);

    /// <summary>Usable prompts of answers that were asked for certain classes.</summary>
    public int Wished => _answers.Where(answer => answer.Wished.Count > 0).Sum(answer => answer.Usable.Count);

    /// <summary>Those of them that name one of these.</summary>
    public int Granted => _answers.Sum(answer => answer.Usable.Count(prompt => prompt.Classes.Intersect(answer.Wished).Any()));

    /// <inheritdoc/>
    public void Report(PromptAnswer value)
    {
        _answers.Add(value);
        _told(value.Kept.Count);
    }
}
