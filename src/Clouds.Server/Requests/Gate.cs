using System.Net;
using Clouds.Server.Options;
using Microsoft.AspNetCore.Http;

namespace Clouds.Server.Requests;

/// <summary>Mark of routes that need no token: they hold nothing but the page itself.</summary>
internal sealed class OpenToAll;

/// <summary>
/// Lets in who knows the token and calls the server by its own name, from no other page. A foreign page that has its name resolved to this machine
/// still sends its own name as host, and any other page sends its origin.
/// </summary>
internal sealed class Gate(ServerOptions options)
{
    private const string Scheme = "Bearer ";

    /// <summary>Refuses, or goes on.</summary>
    public Task Invoke(HttpContext context, RequestDelegate next)
    {
        RequireHost(context.Request.Host);
        RequireOrigin(context.Request);
        if (context.GetEndpoint()?.Metadata.GetMetadata<OpenToAll>() is null)
        {
            RequireSameSite(context.Request.Headers["Sec-Fetch-Site"].ToString());
            RequireToken(context.Request.Headers.Authorization.ToString());
        }

        return next(context);
    }

    private void RequireHost(HostString host)
    {
        string name = host.Host.Trim('[', ']');
        bool known = IPAddress.TryParse(name, out IPAddress? address)
            ? IPAddress.IsLoopback(address) || !options.IsLocal
            : options.HostNames.Prepend("localhost").Contains(name, StringComparer.OrdinalIgnoreCase);
        if (!known)
        {
            throw Forbidden("the server is not called by this name", "Host", host.Value ?? "", "localhost, an address of the server, or a name it was told");
        }
    }

    private static void RequireOrigin(HttpRequest request)
    {
        if (request.Headers.Origin.Count == 0)
        {
            return;
        }

        string origin = request.Headers.Origin.ToString();
        bool own = Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
            && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);
        if (!own)
        {
            throw Forbidden("another page asks", "Origin", origin, $"http://{request.Host.Value}, or no page");
        }
    }

    private static void RequireSameSite(string site)
    {
        if (site is not ("" or "same-origin" or "none"))
        {
            throw Forbidden("another page asks", "Sec-Fetch-Site", site, "same-origin");
        }
    }

    private void RequireToken(string authorization)
    {
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || !AccessToken.Equal(authorization[Scheme.Length..].Trim(), options.Token))
        {
            throw new Refusal(StatusCodes.Status401Unauthorized, "the token is missing or wrong", "Authorization",
                authorization.Length == 0 ? "nothing" : "another token", "Bearer TOKEN", "take the token from the URL that the server printed");
        }
    }

    private static Refusal Forbidden(string what, string header, string found, string expected)
        => new(StatusCodes.Status403Forbidden, what, header, $"'{found}'", expected, "open the URL that the server printed");
}
