using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Clouds.Server.Requests;

/// <summary>Answers as a whole: their length is known before the first byte leaves.</summary>
internal static class JsonAnswer
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Writes an object; members that are null are left out.</summary>
    public static Task Write(HttpContext context, int status, object value)
        => Write(context, status, "application/json; charset=utf-8", JsonSerializer.SerializeToUtf8Bytes(value, Format));

    /// <summary>Writes the bytes of a PNG as they are, anything else as JSON.</summary>
    public static Task WriteEither(HttpContext context, object answer) => answer is byte[] png
        ? Write(context, StatusCodes.Status200OK, "image/png", png)
        : Write(context, StatusCodes.Status200OK, answer);

    /// <summary>Writes bytes.</summary>
    public static Task Write(HttpContext context, int status, string type, byte[] bytes)
    {
        HttpResponse response = context.Response;
        (response.StatusCode, response.ContentType, response.ContentLength) = (status, type, bytes.Length);
        return response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }
}
