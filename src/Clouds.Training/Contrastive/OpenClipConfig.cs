using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Graph.Files;

namespace Clouds.Training.Contrastive;

/// <summary>What a CLIP's weights do not tell, in the words of OpenCLIP's open_clip_config.json: size of the images, heads, activation.</summary>
internal static class OpenClipConfig
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    /// <summary>Writes it beside the weights.</summary>
    /// <exception cref="Clouds.Diagnostics.CloudsException">Output: it cannot be written.</exception>
    public static void Write(string folder, ContrastiveTrainingConfig config)
    {
        JsonObject settings = new()
        {
            ["model_cfg"] = new JsonObject
            {
                ["embed_dim"] = config.Image.Embedding,
                ["quick_gelu"] = config.Text.QuickGelu,
                ["vision_cfg"] = new JsonObject { ["image_size"] = new JsonArray(config.Height, config.Width) },
                ["text_cfg"] = new JsonObject
                {
                    ["context_length"] = config.Text.Context,
                    ["vocab_size"] = config.Text.Vocabulary,
                    ["width"] = config.Text.Width,
                    ["heads"] = config.Text.Heads,
                    ["layers"] = config.Text.Layers,
                },
            },
        };
        AtomicFile.WriteAllBytes(Path.Combine(folder, "open_clip_config.json"), Encoding.UTF8.GetBytes(settings.ToJsonString(Format) + "\n"));
    }
}
