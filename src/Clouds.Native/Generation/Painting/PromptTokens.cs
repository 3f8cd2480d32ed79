using Clouds.Native.Generation.Weights;
using Clouds.Native.Tokenizers;

namespace Clouds.Native.Generation.Painting;

/// <summary>A prompt as the text encoder takes it.</summary>
/// <param name="Ids">Start, the prompt's ids, end, padding: as many as the encoder's context.</param>
/// <param name="Cut">What did not fit, as its tokens spell it; null: all did.</param>
internal sealed record PromptTokens(IReadOnlyList<long> Ids, string? Cut)
{
    /// <summary>Reads a prompt; one that is too long keeps its beginning, and its end token stands at the last place.</summary>
    public static PromptTokens Of(string prompt, ClipTokenizer tokenizer, DiffusionConfig config)
    {
        IReadOnlyList<int> ids = tokenizer.Encode(prompt);
        int kept = Math.Min(ids.Count, config.TextEncoder.Context - 2);
        long[] row = new long[config.TextEncoder.Context];
        Array.Fill(row, config.Padding);
        row[0] = tokenizer.Start;
        for (int i = 0; i < kept; i++)
        {
            row[i + 1] = ids[i];
        }

        row[kept + 1] = tokenizer.End;
        return new PromptTokens(row, kept < ids.Count ? tokenizer.Decode(ids.Skip(kept)).Trim() : null);
    }
}
