using Clouds.Native.Generation.Language;

namespace Clouds.Cli.Commands;

/// <summary>A language model that is opened when it is first asked: whoever has enough prompts already does not wait for it, nor need its memory.</summary>
/// <param name="open">Opens it.</param>
internal sealed class LanguageModelOnDemand(Func<ILanguageModel> open) : ILanguageModel
{
    private readonly Lazy<ILanguageModel> _model = new(open);

    public LanguageModelFacts Facts => _model.Value.Facts;

    public string Answer(IReadOnlyList<ChatTurn> turns, AnswerOptions options, long seed, IProgress<string>? written, CancellationToken stop)
        => _model.Value.Answer(turns, options, seed, written, stop);

    public void Dispose()
    {
        if (_model.IsValueCreated)
        {
            _model.Value.Dispose();
        }
    }
}
