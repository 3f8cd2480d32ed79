using System.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Segmentation;
using Clouds.Server.Options;
using Clouds.Server.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Clouds.Server.Routes;

/// <summary>
/// POST /segment: an image in, and out, by the parameter "as": "labels", a PNG of train ids with a palette of the class colours; "ids", the same in gray;
/// "overlay", class colours over the image, by "opacity"; "json", the classes with their shares.
/// </summary>
internal sealed class SegmentRoute(Segmenter segmenter, ServerOptions options, Workplace workplace)
{
    private static readonly string[] Forms = ["labels", "ids", "overlay", "json"];

    /// <summary>Adds the route.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/segment", Answer);

    private async Task Answer(HttpContext context)
    {
        string form = QueryWord.OneOf(context.Request.Query, "as", Forms);
        double opacity = QueryWord.Share(context.Request.Query, "opacity", 0.5);
        RequestBody.RequireType(context.Request, RequestBody.ImageTypes);
        using Workplace.Visit visit = workplace.Admit(context);
        byte[] file = await visit.ReadBody().ConfigureAwait(false);
        object answer = await visit.Compute(stop => Label(file, form, opacity, stop)).ConfigureAwait(false);
        await JsonAnswer.WriteEither(context, answer).ConfigureAwait(false);
    }

    private object Label(byte[] file, string form, double opacity, CancellationToken stop)
    {
        RgbImage image = PostedImage.Decode(file, "body", options.MaxPixels);
        long start = Stopwatch.GetTimestamp();
        SegmentationResult result = segmenter.Segment(image, cancellation: stop);
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        return form switch
        {
            "ids" => LabelPng.EncodeGray8(result.Map),
            "overlay" => ImageFile.EncodePng(LabelPainter.Overlay(image, result.Map, segmenter.Classes.Colours, opacity)),
            "json" => Report(result, time),
            _ => LabelPng.EncodePalette(result.Map, segmenter.Classes.Colours),
        };
    }

    private object Report(SegmentationResult result, TimeSpan time)
    {
        int[] pixels = new int[segmenter.Classes.Count];
        foreach (ushort id in result.Labels)
        {
            pixels[id]++;
        }

        var classes = pixels.Select((count, id) => new { id, name = segmenter.Classes.Names[id], share = Math.Round((double)count / result.Labels.Length, 6) })
            .Where(one => pixels[one.id] > 0)
            .OrderByDescending(one => pixels[one.id]);
        return new { result.Width, result.Height, seconds = Math.Round(time.TotalSeconds, 4), device = segmenter.Device.ToString(), classes };
    }
}
