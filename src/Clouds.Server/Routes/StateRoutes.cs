using Clouds.Native.Sam;
using Clouds.Native.Segmentation;
using Clouds.Server.Measures;
using Clouds.Server.Options;
using Clouds.Server.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Clouds.Server.Routes;

/// <summary>GET /health, /metrics and /models: how the server is, what it has counted, and what the loaded models can do.</summary>
internal sealed class StateRoutes(ServedModels models, ServerOptions options, Workplace workplace, ServerMetrics metrics)
{
    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", Health);
        routes.MapGet("/metrics", Metrics);
        routes.MapGet("/models", Models);
    }

    private Task Health(HttpContext context)
        => JsonAnswer.Write(context, StatusCodes.Status200OK, new { status = "ok", running = workplace.Running, waiting = workplace.Waiting });

    private async Task Metrics(HttpContext context)
    {
        byte[] text = await metrics.Text(context.RequestAborted).ConfigureAwait(false);
        await JsonAnswer.Write(context, StatusCodes.Status200OK, "text/plain; version=0.0.4; charset=utf-8", text).ConfigureAwait(false);
    }

    private Task Models(HttpContext context) => JsonAnswer.Write(context, StatusCodes.Status200OK, new
    {
        segmenter = models.Segmenter is Segmenter segmenter ? new { device = segmenter.Device.ToString(), classes = Classes(segmenter.Classes) } : null,
        sam = models.Sam is SegmentAnything sam ? new { device = sam.Device.ToString() } : null,
        classes = Classes(models.Classes),
        limits = new { bodyBytes = options.MaxBody, pixels = options.MaxPixels, seconds = options.Timeout.TotalSeconds },
        folder = options.Folder is not null,
    });

    private static object Classes(ClassSet classes)
        => classes.Names.Zip(classes.Colours, (name, colour) => new { name, colour = (int[])[colour.R, colour.G, colour.B] });
}
