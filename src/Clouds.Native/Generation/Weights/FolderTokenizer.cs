using Clouds.Models.Diffusion;
using Clouds.Native.Tokenizers;

namespace Clouds.Native.Generation.Weights;

/// <summary>The tokenizer of a diffusers folder, and the token that it fills prompts up with.</summary>
internal static class FolderTokenizer
{
    private const string Zero = "!";

    private static readonly string[] Vocabularies = ["vocab.json", "merges.txt", "tokenizer.json"];
    private static readonly string[] Settings = ["tokenizer_config.json", "special_tokens_map.json"];

    /// <summary>Opens one; a checkpoint of CLIP's size without any has CLIP's.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="encoder">Whose embeddings its ids are rows of.</param>
    /// <param name="files">Receives the files.</param>
    public static (ClipTokenizer Tokenizer, int Padding) Open(string folder, TextEncoderConfig encoder, List<string> files)
    {
        string[] present = [.. Vocabularies.Select(name => Path.Combine(folder, name)).Where(File.Exists)];
        files.AddRange(present);
        ClipTokenizer tokenizer = present.Length > 0 ? ClipTokenizer.Load(folder) : ClipTokenizer.Default;
        if (tokenizer.Count > encoder.Vocabulary)
        {
            throw NotStableDiffusion.Of(folder, $"a tokenizer of {tokenizer.Count} tokens", $"at most the text encoder's {encoder.Vocabulary}");
        }

        return (tokenizer, Padding(folder, tokenizer, files) ?? (encoder.QuickGelu ? tokenizer.End : 0));
    }

    private static int? Padding(string folder, ClipTokenizer tokenizer, List<string> files)
    {
        foreach (string file in Settings.Select(name => Path.Combine(folder, name)).Where(File.Exists))
        {
            PartSettings settings = PartSettings.Read(file);
            if (settings.Has("pad_token"))
            {
                files.Add(file);
                string token = settings.Token("pad_token");
                return token == Zero ? 0 : token == ClipWords.End ? tokenizer.End
                    : throw settings.Other($"pad_token = {token}", $"{ClipWords.End} or {Zero}");
            }
        }

        return null;
    }
}
