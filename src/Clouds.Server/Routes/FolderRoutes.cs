using Clouds.Server.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Clouds.Server.Routes;

/// <summary>GET /files and /files/PATH: the images of the opened folder, as they are.</summary>
internal sealed class FolderRoutes(string? folder)
{
    private readonly OpenedFolder? _folder = folder is null ? null : new OpenedFolder(folder);

    /// <summary>Adds the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/files", List);
        routes.MapGet("/files/{**path}", Send);
    }

    private Task List(HttpContext context)
    {
        (IReadOnlyList<string> images, bool more) = Folder.List();
        return JsonAnswer.Write(context, StatusCodes.Status200OK, new { images, more });
    }

    private Task Send(HttpContext context)
    {
        string path = (string?)context.Request.RouteValues["path"] ?? "";
        return JsonAnswer.Write(context, StatusCodes.Status200OK, TypeOf(path), Folder.Read(path));
    }

    private OpenedFolder Folder => _folder
        ?? throw new Refusal(StatusCodes.Status404NotFound, "no folder is open", next: "start the server with a folder that it may show");

    private static string TypeOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".png" => "image/png",
        ".webp" => "image/webp",
        ".tif" or ".tiff" => "image/tiff",
        _ => "image/jpeg",
    };
}
