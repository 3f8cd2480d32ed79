using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Clouds.Native.Refinement;

namespace Clouds.Native.Sam;

/// <summary>Masks in the form of the COCO data set: runs along columns, as a text.</summary>
public static class CocoMasks
{
    private const int Digit = 5;

    /// <summary>
    /// The mask's runs as COCO's tools compress them: pixels outside and inside in turn, column by column from the top left; from the fourth run on less the
    /// run before the last; in digits of five bits, the lowest first.
    /// </summary>
    public static string Encode(PixelMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        StringBuilder text = new();
        List<long> runs = Runs(mask);
        for (int i = 0; i < runs.Count; i++)
        {
            Append(text, i > 2 ? runs[i] - runs[i - 2] : runs[i]);
        }

        return text.ToString();
    }

    /// <summary>
    /// Masks as JSON with the keys of Segment Anything's mask generator: "segmentation" with "size" (rows, columns) and "counts", "area", "bbox" and "crop_box"
    /// (left, top, width, height), "predicted_iou", "point_coords", "stability_score".
    /// </summary>
    public static string ToJson(IEnumerable<FoundMask> masks)
    {
        ArgumentNullException.ThrowIfNull(masks);
        return new JsonArray([.. masks.Select(JsonNode (found) => new JsonObject
        {
            ["segmentation"] = new JsonObject { ["size"] = new JsonArray(found.Mask.Height, found.Mask.Width), ["counts"] = Encode(found.Mask) },
            ["area"] = found.Mask.Area,
            ["bbox"] = new JsonArray(found.Box.Left, found.Box.Top, found.Box.Right - found.Box.Left, found.Box.Bottom - found.Box.Top),
            ["predicted_iou"] = found.Score,
            ["point_coords"] = new JsonArray(new JsonArray(found.Point.X, found.Point.Y)),
            ["stability_score"] = found.Stability,
            ["crop_box"] = new JsonArray(found.Crop.X, found.Crop.Y, found.Crop.Width, found.Crop.Height),
        })]).ToJsonString(new JsonSerializerOptions { WriteIndented = false });
    }

    private static List<long> Runs(PixelMask mask)
    {
        List<long> runs = [0];
        bool inside = false;
        for (int x = 0; x < mask.Width; x++)
        {
            for (int y = 0; y < mask.Height; y++)
            {
                if (mask.Contains(x, y) != inside)
                {
                    inside = !inside;
                    runs.Add(0);
                }

                runs[^1]++;
            }
        }

        return runs;
    }

    // A digit has a mark where another one follows; the last one's upper bit is the sign.
    private static void Append(StringBuilder text, long number)
    {
        bool more;
        do
        {
            long digit = number & ((1 << Digit) - 1);
            number >>= Digit;
            more = (digit & (1 << (Digit - 1))) != 0 ? number != -1 : number != 0;
            text.Append((char)('0' + digit + (more ? 1 << Digit : 0)));
        }
        while (more);
    }
}
