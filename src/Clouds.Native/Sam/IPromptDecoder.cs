namespace Clouds.Native.Sam;

/// <summary>Prompt encoder and mask decoder. One call at a time.</summary>
internal interface IPromptDecoder : IDisposable
{
    /// <summary>Masks that it gives to each prompt: the one for prompts that leave no doubt, then those of which one is chosen, or one alone.</summary>
    int Masks { get; }

    /// <summary>Answers prompts.</summary>
    /// <param name="embedding">[C, e, e].</param>
    /// <param name="prompts">N prompts.</param>
    /// <param name="cancellation">Stops between operators.</param>
    /// <returns>Logits [N, Masks, side, side] and scores [N, Masks].</returns>
    (float[] Logits, float[] Scores) Run(float[] embedding, PromptTokens prompts, CancellationToken cancellation);
}
