using System.Diagnostics;
using Clouds.Diagnostics;
using Clouds.Server.Measures;
using Clouds.Server.Options;
using Clouds.Server.Requests;
using Microsoft.AspNetCore.Http;

namespace Clouds.Server.Hosting;

/// <summary>The outermost of a request: headers that every answer has, the answer of every failure, and the counters.</summary>
internal sealed class Answering(ServerOptions options, ServerMetrics metrics)
{
    // What nginx writes where the other side has gone before the answer.
    private const int Gone = 499;

    // Scripts, styles and pictures of our own only; nobody may frame the page, and it sends nothing elsewhere.
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; frame-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Answers.</summary>
    public async Task Invoke(HttpContext context, RequestDelegate next)
    {
        long start = Stopwatch.GetTimestamp();
        SetHeaders(context.Response.Headers);
        try
        {
            await next(context).ConfigureAwait(false);
            RefuseUnmatched(context);
        }
        catch (Exception) when (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to read an answer.
            context.Response.StatusCode = context.Response.HasStarted ? context.Response.StatusCode : Gone;
        }
        catch (Exception failure)
        {
            await Answer(context, Known(failure)).ConfigureAwait(false);
        }

        metrics.Answered(context, Stopwatch.GetElapsedTime(start));
    }

    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }

    // Routing answers these with a status alone.
    private static void RefuseUnmatched(HttpContext context)
    {
        HttpResponse response = context.Response;
        if (!response.HasStarted && response.StatusCode is StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed)
        {
            throw response.StatusCode == StatusCodes.Status404NotFound
                ? new Refusal(response.StatusCode, "there is no such route", context.Request.Path, next: "the help of `serve` lists the routes")
                : new Refusal(response.StatusCode, "the route has another method", context.Request.Path, context.Request.Method,
                    response.Headers.Allow.ToString(), "use that method");
        }
    }

    private CloudsException Known(Exception failure) => failure switch
    {
        CloudsException known => known,
        BadHttpRequestException broken => new Refusal(
            broken.StatusCode, "the request is broken", "HTTP", broken.Message, "a complete request, in time", "send it again"),
        OutOfMemoryException => Refusal.Busy("the memory does not do for this image", failure.Message, "a smaller image, or fewer at once"),
        _ => Defect(failure),
    };

    private CloudsException Defect(Exception failure)
    {
        options.Warn?.Invoke($"this is a defect of Clouds.Native, please report it: {failure}");
        return new CloudsException(Failure.Internal, "this is a defect of Clouds.Native, please report it", null,
            failure.GetType().FullName, next: "the server's standard error has the details");
    }

    private static Task Answer(HttpContext context, CloudsException failure)
    {
        Refusal? refusal = failure as Refusal;
        int status = refusal?.Status ?? StatusOf(failure);
        if (refusal?.RetryAfter is int seconds)
        {
            context.Response.Headers.RetryAfter = $"{seconds}";
        }

        if (status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return JsonAnswer.Write(context, status, new
        {
            type = "error",
            status,
            failure = failure.Failure,
            failure.What,
            failure.Where,
            failure.Found,
            Expected = failure.Wanted,
            failure.Next,
        });
    }

    private static int StatusOf(CloudsException failure) => failure.Failure switch
    {
        Failure.Usage => StatusCodes.Status400BadRequest,
        Failure.BadInput => StatusCodes.Status422UnprocessableEntity,
        _ => StatusCodes.Status500InternalServerError,
    };
}
