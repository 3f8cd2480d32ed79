using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Server.Options;
using Clouds.Server.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Clouds.Server.Routes;

/// <summary>
/// POST /labels: a label map as some program has written it in, its ids as a PNG out. POST /refine: an image and its label map in, the refined map out, as
/// a PNG or with the record of every component as JSON. The x-ray of a refinement is kept for a while at an address that nobody can guess, since a browser
/// sends no token for what it frames: GET /xray/NAME.
/// </summary>
internal sealed class RefineRoute(ServedModels models, ServerOptions options, Workplace workplace)
{
    private const int MostXrays = 4;
    private const int NameBytes = 24;

    // A page without scripts, whose styles and pictures stand in it.
    private const string XrayPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox";

    private static readonly string[] Forms = ["labels", "ids", "json"];

    private readonly RecentlyUsed<byte[]> _xrays = new(MostXrays);

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/labels", Labels);
        routes.MapPost("/refine", Answer);
        routes.MapGet("/xray/{name}", Xray).WithMetadata(new OpenToAll());
    }

    private async Task Labels(HttpContext context)
    {
        RequestBody.RequireType(context.Request, RequestBody.ImageTypes);
        using Workplace.Visit visit = workplace.Admit(context);
        byte[] file = await visit.ReadBody().ConfigureAwait(false);
        object answer = await visit.Compute(_ => (object)Ids(Decode(file))).ConfigureAwait(false);
        await JsonAnswer.WriteEither(context, answer).ConfigureAwait(false);
    }

    private static byte[] Ids(LabelMap map) => map.Ids.All(id => id <= LabelMap.Ignore) ? LabelPng.EncodeGray8(map) : throw new CloudsException(
        Failure.BadInput, "a label map holds an id that is no train id", "labels", $"{map.Ids.Max()}", "0..254, or 255 for pixels without a label",
        "map the ids to train ids first");

    private LabelMap Decode(byte[] labels)
    {
        PostedImage.Require(labels, "labels", options.MaxPixels);
        return LabelPng.Decode(labels, "labels");
    }

    private async Task Answer(HttpContext context)
    {
        IQueryCollection query = context.Request.Query;
        string form = QueryWord.OneOf(query, "as", Forms);
        RefinementOptions how = models.Refinement with { SizeThreshold = QueryWord.Number(query, "threshold", models.Refinement.SizeThreshold, int.MaxValue) };
        PointSeed seed = new((ulong)QueryWord.Number(query, "seed", 1, int.MaxValue));
        RequestBody.RequireType(context.Request, PostedPair.Type);
        using Workplace.Visit visit = workplace.Admit(context);
        PostedPair pair = await PostedPair.Read(await visit.ReadBody().ConfigureAwait(false), context.Request.ContentType).ConfigureAwait(false);
        object answer = await visit.Compute(stop => Refine(pair, form, how, seed, stop)).ConfigureAwait(false);
        await JsonAnswer.WriteEither(context, answer).ConfigureAwait(false);
    }

    private object Refine(PostedPair pair, string form, RefinementOptions how, PointSeed seed, CancellationToken stop)
    {
        RgbImage image = PostedImage.Decode(pair.Image, "image", options.MaxPixels);
        LabelMap before = Decode(pair.Labels);
        bool drawn = form == "json" && models.Xray is not null;
        long start = Stopwatch.GetTimestamp();
        using PseudoLabelRefiner refiner = new(models.Masks, how);
        RefinementResult result = refiner.Refine(image, before, seed, keepMasks: drawn, stop);
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        string? xray = drawn ? Keep(models.Xray!(new RefinedPicture(pair.Title, image, before, result, how, models.Classes))) : null;
        return form switch
        {
            "json" => Record(result, time, xray),
            "ids" => LabelPng.EncodeGray8(result.Map),
            _ => LabelPng.EncodePalette(result.Map, models.Classes.Colours),
        };
    }

    private string Keep(string page)
    {
        string name = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(NameBytes));
        _xrays.Add(name, Encoding.UTF8.GetBytes(page));
        return $"xray/{name}";
    }

    private Task Xray(HttpContext context)
    {
        if (!_xrays.TryGet((string)context.Request.RouteValues["name"]!, out byte[]? page))
        {
            throw new Refusal(StatusCodes.Status404NotFound, "this x-ray is not kept any more", null, null, $"one of the last {MostXrays}", "refine again");
        }

        context.Response.Headers.ContentSecurityPolicy = XrayPolicy;
        context.Response.Headers.XFrameOptions = "SAMEORIGIN";
        return JsonAnswer.Write(context, StatusCodes.Status200OK, "text/html; charset=utf-8", page);
    }

    private static object Record(RefinementResult result, TimeSpan time, string? xray) => new
    {
        result.Map.Width,
        result.Map.Height,
        seconds = Math.Round(time.TotalSeconds, 4),
        result.IsUnrefined,
        result.Conflicts,
        unlabelled = result.Map.Ids.Count(id => id == LabelMap.Ignore),
        components = result.Components.Select(one => new
        {
            one.Number,
            one.Class,
            one.Area,
            box = (int[])[one.X, one.Y, one.Width, one.Height],
            one.Fate,
            points = one.Points.Select(point => (int[])[point.X, point.Y]),
            one.Scores,
            one.Chosen,
            one.MaskArea,
            one.Conflicts,
        }),
        labels = LabelPng.EncodeGray8(result.Map),
        xray,
    };
}
