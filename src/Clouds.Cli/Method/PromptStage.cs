using Clouds.Diagnostics;
using Clouds.Native.Generation.Language;
using Clouds.Native.Generation.Prompts;

namespace Clouds.Cli.Method;

/// <summary>The language model gets the class list and writes prompts (paper section 3.2).</summary>
internal sealed class PromptStage(MethodContext context) : MethodStage(context)
{
    public override string Name => "write prompts";

    public override double Seconds => 0.25 * Context.Plan.Prompts;

    public override bool IsDone => File.Exists(Context.Folder.Prompts);

    public override string Run(IProgress<ProgressReport> progress, CancellationToken cancellation)
    {
        int count = Context.Plan.Prompts;
        using ILanguageModel model = Context.Tools.Language(Context.Models.Language);
        PromptWriter writer = new(model, ClassWords.Cityscapes, Asking);
        Listener answered = new(answer => progress.Report(new ProgressReport(Name, Math.Min(answer.Kept.Count, count), count)));
        IReadOnlyList<Prompt> prompts = writer.Write(answered: answered, stop: cancellation);
        PromptFile.Write(Context.Folder.Prompts, prompts);
        return $"{prompts.Count} prompts, the first: \"{prompts[0].Text}\"";
    }

    private PromptWriterOptions Asking
    {
        get
        {
            AnswerOptions answer = new() { Temperature = Context.Plan.Temperature, MaximumTokens = new PromptWriterOptions().Answer.MaximumTokens };
            return new PromptWriterOptions { Count = Context.Plan.Prompts, Seed = Context.Plan.Seed, Answer = answer };
        }
    }

    private sealed class Listener(Action<PromptAnswer> hear) : IProgress<PromptAnswer>
    {
        public void Report(PromptAnswer value) => hear(value);
    }
}
