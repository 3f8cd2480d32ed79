using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Clouds.Server.Requests;

/// <summary>Bodies, taken into memory whole and never more of them than allowed.</summary>
internal static class RequestBody
{
    private const int Piece = 65_536;

    /// <summary>Types that an image may have; the bytes themselves say which it is.</summary>
    public static readonly string[] ImageTypes = ["image/jpeg", "image/png", "image/webp", "image/tiff", "application/octet-stream"];

    /// <summary>Refuses bodies of other types, and compressed ones.</summary>
    /// <exception cref="Refusal">415.</exception>
    public static void RequireType(HttpRequest request, params IReadOnlyList<string> types)
    {
        string type = MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? parsed) ? parsed.MediaType.ToString() : "";
        if (!types.Contains(type, StringComparer.OrdinalIgnoreCase))
        {
            throw Unsupported("Content-Type", request.ContentType ?? "nothing", string.Join(", ", types));
        }

        string encoding = request.Headers.ContentEncoding.ToString();
        if (encoding is not ("" or "identity"))
        {
            throw Unsupported("Content-Encoding", encoding, "none");
        }
    }

    /// <summary>Reads a body.</summary>
    /// <exception cref="Refusal">400: it is empty; 413: it is longer than <paramref name="most"/>.</exception>
    public static async Task<byte[]> Read(HttpRequest request, long most, CancellationToken stop)
    {
        if (request.ContentLength > most)
        {
            throw TooLong($"{request.ContentLength} bytes", most);
        }

        using MemoryStream whole = new((int)(request.ContentLength ?? 0));
        byte[] piece = new byte[Piece];
        for (int read; (read = await request.Body.ReadAsync(piece, stop).ConfigureAwait(false)) > 0;)
        {
            if (whole.Length + read > most)
            {
                throw TooLong($"more than {most} bytes", most);
            }

            whole.Write(piece, 0, read);
        }

        return whole.Length == 0 ? throw Empty() : whole.Capacity == whole.Length ? whole.GetBuffer() : whole.ToArray();
    }

    private static Refusal TooLong(string found, long most) => Refusal.TooLarge("the body is too long", "body", found, $"at most {most} bytes");

    private static Refusal Empty()
        => new(StatusCodes.Status400BadRequest, "the request has no body", "body", "0 bytes", "the bytes of a file", "send the file as the body");

    private static Refusal Unsupported(string header, string found, string expected)
        => new(StatusCodes.Status415UnsupportedMediaType, "the body is of a kind that is not read here", header, found, expected, "name what the body is");
}
