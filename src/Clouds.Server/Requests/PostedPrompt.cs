using System.Text.Json;
using Clouds.Diagnostics;
using Clouds.Graph.Json;
using Clouds.Native.Sam;

namespace Clouds.Server.Requests;

/// <summary>
/// What is looked for in an embedded image, as JSON: {"embedding": "..", "points": [{"x": 3, "y": 4, "inside": true}], "box": [left, top, right, bottom],
/// "single": false}; points or a box may be missing, not both.
/// </summary>
/// <param name="Embedding">Name of the embedding.</param>
/// <param name="Points">Pixels of the image.</param>
/// <param name="Box">Likewise.</param>
/// <param name="Single">One mask in the place of three.</param>
internal sealed record PostedPrompt(string Embedding, IReadOnlyList<PromptPoint> Points, PromptBox? Box, bool Single)
{
    private const int MostPoints = 256;
    private const double Farthest = 1e6;

    /// <summary>Reads a body.</summary>
    /// <exception cref="CloudsException">Usage: it is no such JSON.</exception>
    public static PostedPrompt Read(byte[] body)
    {
        StrictJson top = StrictJson.Parse(body, new JsonOrigin("the body", "body", Failure.Usage, "correct the request"));
        top.WithKeys("embedding", "points", "box", "single");
        PromptPoint[] points = [.. top.Find("points")?.Items().Select(Point) ?? []];
        PromptBox? box = top.Find("box") is StrictJson sides ? Corners(sides) : null;
        if (points.Length is 0 && box is null || points.Length > MostPoints)
        {
            throw top.Wrong($"1 to {MostPoints} points, or a box");
        }

        return new PostedPrompt(top.Get("embedding").Text(), points, box, top.Find("single") is StrictJson single && Truth(single));
    }

    private static PromptPoint Point(StrictJson point)
    {
        point.WithKeys("x", "y", "inside");
        return new PromptPoint(Pixel(point.Get("x")), Pixel(point.Get("y")), point.Find("inside") is not StrictJson inside || Truth(inside));
    }

    private static PromptBox Corners(StrictJson box)
    {
        float[] sides = [.. box.Items().Select(Pixel)];
        return sides is [float left, float top, float right, float bottom] && left <= right && top <= bottom
            ? new PromptBox(left, top, right, bottom)
            : throw box.Wrong("four numbers: left, top, right and bottom, not turned inside out");
    }

    private static float Pixel(StrictJson number) => number.Kind == JsonValueKind.Number && Math.Abs(number.Element.GetDouble()) <= Farthest
        ? number.Element.GetSingle()
        : throw number.Wrong("a number of pixels");

    private static bool Truth(StrictJson value)
        => value.Kind is JsonValueKind.True or JsonValueKind.False ? value.Element.GetBoolean() : throw value.Wrong("true or false");
}
