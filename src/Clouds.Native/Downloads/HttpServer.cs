using System.Net;
using System.Net.Http.Headers;
using Clouds.Diagnostics;

namespace Clouds.Native.Downloads;

/// <summary>Files by https. A server's words are checked against each other: ranges, lengths, versions, and where it sends us to.</summary>
/// <param name="client">Follows no redirects and decompresses nothing.</param>
internal sealed class HttpServer(HttpClient client) : IFileServer
{
    private const int MostRedirects = 8;

    /// <summary>A client as this class wants it.</summary>
    public static HttpClient NewClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(30),
        UseCookies = false,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <inheritdoc/>
    public async Task<RemotePiece> OpenAsync(Uri address, long from, string? version, CancellationToken cancellation)
    {
        bool range = from > 0 && version is not null;
        HttpResponseMessage response = await SendAsync(address, range ? from : 0, version, cancellation).ConfigureAwait(false);
        try
        {
            return await PieceAsync(address, response, range ? from : 0, version, cancellation).ConfigureAwait(false);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private async Task<HttpResponseMessage> SendAsync(Uri address, long from, string? version, CancellationToken cancellation)
    {
        for (int redirects = 0; redirects <= MostRedirects; redirects++)
        {
            using HttpRequestMessage request = Request(address, from, version);
            HttpResponseMessage response = await TryAsync(() => client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation), address)
                .ConfigureAwait(false);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308))
            {
                return response;
            }

            using (response)
            {
                address = Next(address, response.Headers.Location);
            }
        }

        throw Refused("a server sends us from one address to the next", address, $"more than {MostRedirects} redirects", "the file");
    }

    private static Uri Next(Uri address, Uri? location)
    {
        Uri? next = location is null ? null : new Uri(address, location);
        return next?.Scheme == Uri.UriSchemeHttps && next.UserInfo.Length == 0
            ? next
            : throw Refused("a server sends us to another address that is not safe", address, next is null ? "no address" : $"{next}", "an https address");
    }

    private static HttpRequestMessage Request(Uri address, long from, string? version)
    {
        HttpRequestMessage request = new(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Clouds.Native", "1"));
        if (from > 0)
        {
            request.Headers.Range = new RangeHeaderValue(from, null);
            request.Headers.TryAddWithoutValidation("If-Range", version);
        }

        return request;
    }

    private static async Task<RemotePiece> PieceAsync(Uri address, HttpResponseMessage response, long from, string? version, CancellationToken cancellation)
    {
        HttpContentHeaders headers = response.Content.Headers;
        Judge(address, response, from);
        string? found = response.Headers.ETag is { IsWeak: false } tag ? tag.ToString() : headers.LastModified?.ToString("R");
        bool rest = response.StatusCode == HttpStatusCode.PartialContent;
        ContentRangeHeaderValue? range = headers.ContentRange;
        if (rest && (range?.From != from || range.Unit != "bytes"))
        {
            throw new PassingException("the server answers with another part of the file") { Anew = true };
        }

        // Who was asked with If-Range need not repeat the date of the file.
        if (rest && found is not null && found != version)
        {
            throw new PassingException("the file has changed on the server") { Anew = true };
        }

        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return new RemotePiece(Stream.Null, from, from, version);
        }

        Stream content = await TryAsync(() => response.Content.ReadAsStreamAsync(cancellation), address).ConfigureAwait(false);
        return new RemotePiece(content, rest ? from : 0, rest ? range!.Length ?? from + headers.ContentLength : headers.ContentLength, found);
    }

    private static void Judge(Uri address, HttpResponseMessage response, long from)
    {
        int status = (int)response.StatusCode;
        HttpContentHeaders headers = response.Content.Headers;
        if (status is 408 or 429 or >= 500)
        {
            throw new PassingException($"the server answers {status} {response.ReasonPhrase}");
        }

        // All of it may be there already.
        bool end = status == 416 && from > 0 && headers.ContentRange?.Length == from;
        if (!end && (status == 416 || (status == 206 && from == 0)))
        {
            throw new PassingException($"the server has not the part that was asked for ({status})") { Anew = true };
        }

        if (!end && status is not (200 or 206))
        {
            throw Refused("the server does not give the file", address, $"{status} {response.ReasonPhrase}", "the file",
                status is 401 or 403 ? "fetch it with a browser: its publisher wants an account or a licence to be accepted" : null);
        }

        if (headers.ContentEncoding.Count > 0)
        {
            throw Refused("the server packs the file", address, string.Join(", ", headers.ContentEncoding), "the file as it is");
        }

        if (!end && headers.ContentType?.MediaType == "text/html")
        {
            throw Refused("the address leads to a web page", address, "text/html", "a file", "open it in a browser, and give the address of the file itself");
        }
    }

    private static async Task<T> TryAsync<T>(Func<Task<T>> action, Uri address)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new PassingException($"{address.Host}: {(e.InnerException ?? e).Message}", e);
        }
    }

    private static CloudsException Refused(string what, Uri address, string found, string expected, string? next = null) =>
        new(Failure.BadInput, what, $"{address}", found, expected, next ?? "check the address, or fetch the file in another way");
}
