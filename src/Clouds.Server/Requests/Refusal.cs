using Clouds.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Clouds.Server.Requests;

/// <summary>A failure with the status that HTTP has for it.</summary>
/// <param name="status">400..599.</param>
/// <param name="what">One sentence, no full stop.</param>
/// <param name="where">Header, parameter, route or part.</param>
/// <param name="found">What was there.</param>
/// <param name="expected">What should have been there.</param>
/// <param name="next">What to do next.</param>
internal sealed class Refusal(int status, string what, string? where = null, string? found = null, string? expected = null, string? next = null)
    : CloudsException(status < 500 ? Failure.BadInput : Failure.Device, what, where, found, expected, next)
{
    /// <summary>The status.</summary>
    public int Status => status;

    /// <summary>Seconds after which the same request may be answered; null: it never will.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>A body or a picture beyond its limit.</summary>
    public static Refusal TooLarge(string what, string where, string found, string expected)
        => new(StatusCodes.Status413PayloadTooLarge, what, where, found, expected, "send a smaller one, or start the server with a higher limit");

    /// <summary>No place, or no time.</summary>
    public static Refusal Busy(string what, string found, string expected) => new(
        StatusCodes.Status503ServiceUnavailable, what, null, found, expected, "send the request again in a moment")
    {
        RetryAfter = 1,
    };

    /// <summary>A query parameter that means nothing.</summary>
    public static Refusal Parameter(string name, string found, string expected)
        => new(StatusCodes.Status400BadRequest, "a parameter is not what it should be", $"query, '{name}'", $"'{found}'", expected, "correct it");
}
