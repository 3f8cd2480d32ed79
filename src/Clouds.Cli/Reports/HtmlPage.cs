using System.Net;
using Clouds.Native.Images;

namespace Clouds.Cli.Reports;

/// <summary>
/// What all pages have in common: each stands alone, images are embedded, nothing is fetched and no script runs; light or dark as the reader has it; the
/// markup is valid as XML too.
/// </summary>
internal static class HtmlPage
{
    private const string Colours = """
        :root { color-scheme: light dark; --ink: #1b1f24; --soft: #5b6570; --rule: #d6dbe1; --page: #ffffff; --even: #f5f7f9; --mark: #c2003a;
          --c0: #0b66c3; --c1: #c94f0a; --c2: #16803c; --c3: #b3246b; --c4: #6b48c8; --c5: #8a6a00; --c6: #007d8a; --c7: #6b7280; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6eaee; --soft: #9aa5b1; --rule: #3a424b; --page: #14181c; --even: #1c2126; --mark: #ff6b94;
          --c0: #6cb2ff; --c1: #ff9d5c; --c2: #5fd38a; --c3: #ff86bd; --c4: #b79cff; --c5: #e0bf4a; --c6: #4fd0dd; --c7: #aab2bd; } }
        """;

    /// <summary>A page up to its body.</summary>
    /// <param name="title">Window title.</param>
    /// <param name="style">Style sheet of this kind of page; the colours are there.</param>
    public static string Head(string title, string style) =>
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
        + $"<title>{Escape(title)}</title>\n<style>\n{Colours}\n{style}\n</style>\n</head>\n<body>\n";

    /// <summary>Text as part of a page. Control characters are legal in no XML at all and left out; everything else is escaped.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(string.Concat(text.Where(c => !char.IsControl(c) || c is '\n' or '\t')));

    /// <summary>A PNG or JPEG file as the source of an image.</summary>
    public static string Source(ReadOnlySpan<byte> picture) => $"data:{MediaType(picture)};base64,{Convert.ToBase64String(picture)}";

    /// <summary>The file that <see cref="Source"/> wrote.</summary>
    public static byte[] Picture(string source) => Convert.FromBase64String(source[(source.IndexOf(',', StringComparison.Ordinal) + 1)..]);

    /// <summary>What kind of picture a file's first bytes announce; null: neither PNG nor JPEG.</summary>
    public static string? MediaType(ReadOnlySpan<byte> file) => file switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => "image/png",
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        _ => null,
    };

    /// <summary>A colour as style sheets write it.</summary>
    public static string Colour(RgbColour colour) => $"#{colour.R:x2}{colour.G:x2}{colour.B:x2}";
}
