using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Graph.Json;
using Clouds.Models.Clip;

namespace Clouds.Native.Generation.Store;

/// <summary>What weights do not tell of a CLIP, out of open_clip_config.json, which OpenCLIP and `clouds train clip` write beside them.</summary>
/// <param name="Frame">Size of the images; null: it does not say.</param>
/// <param name="Heads">Attention heads of the text tower; null: it does not say.</param>
/// <param name="QuickGelu">OpenAI's approximation of GELU; null: it does not say.</param>
internal sealed record OpenClipSettings(ClipFrame? Frame, int? Heads, bool? QuickGelu)
{
    public const string FileName = "open_clip_config.json";

    private const int MostBytes = 1 << 20;
    private const int LargestSide = 4096;

    /// <summary>Reads the file of a folder; it says nothing where there is none.</summary>
    /// <exception cref="CloudsException">Weights: it is damaged.</exception>
    public static OpenClipSettings In(string folder)
    {
        string file = Path.Combine(folder, FileName);
        if (!File.Exists(file))
        {
            return new OpenClipSettings(null, null, null);
        }

        JsonOrigin origin = new("the settings of a CLIP", file, Failure.Weights, "fetch the file again, or remove it");
        StrictJson model = StrictJson.Parse(WholeFile.Read(file, MostBytes), origin).Get("model_cfg");
        return new OpenClipSettings(
            model.Find("vision_cfg")?.Find("image_size") is StrictJson size ? FrameOf(size) : null,
            model.Find("text_cfg")?.Find("heads")?.Number(1, LargestSide),
            model.Find("quick_gelu") is StrictJson quick ? quick.Kind == JsonValueKind.True : null);
    }

    /// <summary>The text tower with what the file says of it.</summary>
    public ClipTextConfig Of(ClipTextConfig told) => told with { Heads = Heads ?? told.Heads, QuickGelu = QuickGelu ?? told.QuickGelu };

    private static ClipFrame FrameOf(StrictJson size)
    {
        int[] sides = size.Kind == JsonValueKind.Array ? [.. size.Items().Select(Side)] : [Side(size), Side(size)];
        return sides is [int height, int width] ? new ClipFrame(width, height) : throw size.Wrong("a number of pixels, or height and width");
    }

    // The encoders halve an image five times.
    private static int Side(StrictJson number) =>
        number.Number(1, LargestSide) is int side && side % 32 == 0 ? side : throw number.Wrong("a multiple of 32 pixels");
}
