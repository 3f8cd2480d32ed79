using Clouds.Diagnostics;
using Clouds.Runtime.Kernels;

namespace Clouds.Native.Sam;

/// <content>How prompts are answered, and how calls take turns.</content>
public sealed partial class SegmentAnything
{
    internal IEnumerable<PromptAnswer> Answer(ImageEmbedding embedding, IEnumerable<MaskPrompt> prompts, bool single, CancellationToken cancellation)
    {
        MaskGeometry geometry = GeometryOf(embedding.Width, embedding.Height);
        foreach (IReadOnlyList<MaskPrompt> chunk in PromptTokens.Chunks(prompts.Select(prompt => Checked(prompt, geometry)), _options.PromptsAtOnce))
        {
            (float[] logits, float[] scores) = Predict(embedding, PromptTokens.Of(chunk, geometry), cancellation);
            for (int i = 0; i < chunk.Count; i++)
            {
                yield return new PromptAnswer([.. Wanted(single).Select(mask => Mask(geometry, logits, scores, (i * _decoder.Masks) + mask))]);
            }
        }
    }

    private static MaskPrompt Checked(MaskPrompt prompt, MaskGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        prompt.Require(geometry.MaskPixels);
        return prompt;
    }

    private static ObjectMask Mask(MaskGeometry geometry, float[] logits, float[] scores, int plane) =>
        new(geometry, logits.AsSpan(plane * geometry.MaskPixels, geometry.MaskPixels).ToArray(), scores[plane]);

    // The first mask is the one for prompts that leave no doubt; a decoder that chooses itself has no others.
    private IEnumerable<int> Wanted(bool single) => single || _decoder.Masks == 1 ? [0] : Enumerable.Range(1, _decoder.Masks - 1);

    internal (float[] Logits, float[] Scores) Predict(ImageEmbedding embedding, PromptTokens prompts, CancellationToken cancellation)
    {
        (float[] logits, float[] scores) = InTurn(stop => _decoder.Run(embedding.Values, prompts, stop), cancellation);
        RequireFinite(logits, "a mask", embedding.Width, embedding.Height);
        RequireFinite(scores, "a score", embedding.Width, embedding.Height);
        return (logits, scores);
    }

    /// <summary>The choice of masks on memory of the GPU; complete when its stream has come that far.</summary>
    internal void Choose(ChoiceMemory memory, int prompts, MaskGeometry geometry, CancellationToken cancellation) => InTurn(
        stop =>
        {
            int points = (int)(memory.Points.Length / (2 * prompts));
            foreach ((int from, int count) in PromptTokens.Parts(prompts, PromptsAtOnce))
            {
                ChoiceSession session = _choices[new PromptShape(count, points, memory.Start.Length > 0)];
                session.Run(memory.Slice(from, count, points, geometry.MaskPixels), geometry, stop);
            }

            return true;
        },
        cancellation);

    private T InTurn<T>(Func<CancellationToken, T> work, CancellationToken cancellation)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closing.Token);
        try
        {
            _turn.Wait(stop.Token);
            try
            {
                stop.Token.ThrowIfCancellationRequested();
                _model.Weights.Weights.RequireUnchanged();
                return work(stop.Token);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (OperationCanceledException)
        {
            throw cancellation.IsCancellationRequested ? new OperationCanceledException(cancellation) : new ObjectDisposedException(nameof(SegmentAnything));
        }
    }

    private static void RequireFinite(float[] values, string what, int width, int height)
    {
        int wrong = values.Count(value => !float.IsFinite(value));
        if (wrong > 0)
        {
            throw new CloudsException(Failure.Numeric, "the network's answer is not finite", $"{what}, image of {width} x {height} pixels",
                $"NaN or infinity for {wrong} of {values.Length} numbers", next: "the model's numbers overflow: take another checkpoint");
        }
    }
}
