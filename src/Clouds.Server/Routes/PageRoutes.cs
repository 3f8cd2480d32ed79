using System.Reflection;
using Clouds.Server.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Clouds.Server.Routes;

/// <summary>GET / and its parts: the page, which lies in this assembly and loads nothing from elsewhere.</summary>
internal sealed class PageRoutes
{
    private const string Folder = "page/";
    private const string Top = "page.html";

    /// <summary>Adds a route for each part.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        Assembly assembly = typeof(PageRoutes).Assembly;
        foreach (string resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            using Stream stream = assembly.GetManifestResourceStream(resource)!;
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            string type = TypeOf(resource);
            routes.MapGet(resource == Folder + Top ? "/" : $"/{resource}", context => JsonAnswer.Write(context, StatusCodes.Status200OK, type, bytes))
                .WithMetadata(new OpenToAll());
        }
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        _ => "text/javascript; charset=utf-8",
    };
}
