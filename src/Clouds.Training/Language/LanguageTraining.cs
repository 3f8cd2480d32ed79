using Clouds.Training.Engine;

namespace Clouds.Training.Language;

/// <summary>The training of a language model as the engine sees it: window i of step s is the (s · N + i)-th of the texts.</summary>
/// <param name="config">Settings.</param>
/// <param name="windows">The windows.</param>
internal sealed class LanguageTraining(LanguageTrainingConfig config, ITextWindows windows) : ITraining
{
    private readonly LanguageGraph _graph = new(config);

    public TrainingGraph Build() => _graph.Build();

    public void Fill(Batch batch)
    {
        for (int i = 0; i < config.Batch; i++)
        {
            Span<long> tokens = BatchPart.Of(batch, _graph.Tokens, i, config.Batch), next = BatchPart.Of(batch, _graph.Next, i, config.Batch);
            windows.Read((batch.Step * config.Batch) + i, tokens, next);
        }
    }
}
