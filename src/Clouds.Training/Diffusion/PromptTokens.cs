using Clouds.Models.Diffusion;
using Clouds.Native.Tokenizers;

namespace Clouds.Training.Diffusion;

/// <summary>Captions as Stable Diffusion's text encoders take them: filled up with the end token where the encoder is OpenAI's, else with zeros.</summary>
/// <param name="tokenizer">Vocabulary.</param>
/// <param name="encoder">The encoder.</param>
internal sealed class PromptTokens(ClipTokenizer tokenizer, TextEncoderConfig encoder)
{
    /// <summary>Writes a caption's tokens; one that is too long keeps its beginning.</summary>
    /// <param name="caption">Any text.</param>
    /// <param name="tokens">As many as the encoder's context.</param>
    public void Write(string caption, Span<long> tokens)
    {
        long[] ids = tokenizer.Row(caption, encoder.Context).Ids;
        ids.CopyTo(tokens);
        if (encoder.QuickGelu)
        {
            tokens[Array.IndexOf(ids, tokenizer.End)..].Fill(tokenizer.End);
        }
    }
}
