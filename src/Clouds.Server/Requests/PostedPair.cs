using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Clouds.Server.Requests;

/// <summary>An image and its label map as two parts, "image" and "labels", of a multipart/form-data body.</summary>
/// <param name="Image">Bytes of the image.</param>
/// <param name="Labels">Bytes of the label map.</param>
/// <param name="Title">Name of the image's file.</param>
internal sealed record PostedPair(byte[] Image, byte[] Labels, string Title)
{
    /// <summary>The type that such a body has.</summary>
    public const string Type = "multipart/form-data";

    /// <summary>Takes a body apart.</summary>
    /// <param name="body">All of it.</param>
    /// <param name="contentType">With the boundary.</param>
    /// <exception cref="Refusal">400: it is none, or has other parts.</exception>
    public static async Task<PostedPair> Read(byte[] body, string? contentType)
    {
        string boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(contentType).Boundary).ToString();
        Dictionary<string, byte[]> parts = [];
        string title = "image";
        try
        {
            MultipartReader reader = new(boundary.Length > 0 ? boundary : throw Broken("no boundary in Content-Type"), new MemoryStream(body));
            while (await reader.ReadNextSectionAsync().ConfigureAwait(false) is MultipartSection section)
            {
                using MemoryStream part = new();
                await section.Body.CopyToAsync(part).ConfigureAwait(false);
                ContentDispositionHeaderValue? header = section.GetContentDispositionHeader();
                string name = HeaderUtilities.RemoveQuotes(header?.Name ?? "").ToString();
                string file = HeaderUtilities.RemoveQuotes(header?.FileName ?? "").ToString();
                title = name == "image" && file.Length > 0 ? file : title;
                parts[name] = part.ToArray();
            }
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException)
        {
            throw Broken(failure.Message);
        }

        return parts.Count == 2 && parts.TryGetValue("image", out byte[]? image) && parts.TryGetValue("labels", out byte[]? labels)
            ? new PostedPair(image, labels, title)
            : throw Broken(parts.Count == 0 ? "no part" : string.Join(", ", parts.Keys.Select(name => $"'{name}'")));
    }

    private static Refusal Broken(string found) => new(StatusCodes.Status400BadRequest, "the body has not the parts that it should have", "body", found,
        "two parts, 'image' and 'labels'", "send both files as a form");
}
