using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Clip;
using Clouds.Models.Diffusion;
using Clouds.Native.Tokenizers;
using Clouds.Training.Diffusion;

namespace Clouds.Training.Contrastive;

/// <summary>
/// A CLIP's text tower as the text encoder of a latent diffusion: the same numbers under the names of Hugging Face's CLIPTextModel, where queries, keys and
/// values stand apart.
/// </summary>
internal static class DiffusionTextEncoder
{
    private static readonly string[] Projections = ["q_proj", "k_proj", "v_proj"];

    private static readonly (string Theirs, string Ours)[] Names =
    [
        ("embeddings.token_embedding.weight", "token_embedding.weight"),
        ("embeddings.position_embedding.weight", "positional_embedding"),
        ("final_layer_norm", "ln_final"),
        ("encoder.layers.", "transformer.resblocks."),
        ("layer_norm1", "ln_1"),
        ("layer_norm2", "ln_2"),
        ("self_attn.out_proj", "attn.out_proj"),
        ("mlp.fc1", "mlp.c_fc"),
        ("mlp.fc2", "mlp.c_proj"),
    ];

    /// <summary>Its sizes.</summary>
    public static TextEncoderConfig Of(ClipTextConfig tower) => new()
    {
        Width = tower.Width, Heads = tower.Heads, Layers = tower.Layers, Context = tower.Context, Vocabulary = tower.Vocabulary, QuickGelu = tower.QuickGelu,
    };

    /// <summary>Writes configuration and weights.</summary>
    /// <param name="folder">Gets the folders "text_encoder" and "tokenizer".</param>
    /// <param name="clip">File of the CLIP.</param>
    /// <param name="config">Its settings.</param>
    /// <param name="tokenizer">Its vocabulary.</param>
    public static void Write(string folder, string clip, ContrastiveTrainingConfig config, ClipTokenizer tokenizer)
    {
        TextEncoderConfig encoder = Of(config.Text);
        DiffusersModel model = new(folder);
        using WeightSource source = WeightSource.Open(clip);
        GraphBuilder g = new("text encoder");
        new TextEncoder(encoder).Build(g, g.Input("tokens", ElementType.Int64, [1, encoder.Context]));
        TensorDeclaration[] tensors = [.. g.Parameters.Select(parameter => new TensorDeclaration(parameter.Name, WeightType.F32, parameter.Shape.Sizes))];
        using SafetensorsWriter writer = new(model.Weights(DiffusersModel.TextEncoder), tensors);
        foreach (TensorDeclaration tensor in tensors)
        {
            writer.Write(tensor.Name, Elements(source, tensor.Name["text_model.".Length..]));
        }

        writer.Commit();
        model.Configure(encoder, tokenizer.Start, tokenizer.End);
        model.Configure(tokenizer, encoder);
    }

    // "encoder.layers.0.self_attn.k_proj.weight" is the second third of "transformer.resblocks.0.attn.in_proj_weight".
    private static float[] Elements(WeightSource source, string name)
    {
        string ours = Names.Aggregate(name, (text, pair) => text.Replace(pair.Theirs, pair.Ours, StringComparison.Ordinal));
        int third = Array.FindIndex(Projections, projection => ours.Contains($"self_attn.{projection}.", StringComparison.Ordinal));
        if (third < 0)
        {
            return source.ReadFloats(ours);
        }

        float[] all = source.ReadFloats(ours.Replace($"self_attn.{Projections[third]}.", "attn.in_proj_", StringComparison.Ordinal));
        int length = all.Length / Projections.Length;
        return all[(third * length)..((third + 1) * length)];
    }
}
