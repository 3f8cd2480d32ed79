using System.Text;

namespace Clouds.Cli.Reports;

/// <summary>A picture among many.</summary>
/// <param name="Jpeg">A small JPEG.</param>
/// <param name="Link">The picture itself, beside the page; null: there is none.</param>
/// <param name="Caption">Below it.</param>
/// <param name="Remark">What must not be overlooked; empty: nothing.</param>
internal sealed record GalleryPicture(byte[] Jpeg, string? Link, string Caption, string Remark);

/// <summary>Many small pictures, as many beside each other as there is room for.</summary>
internal static class Gallery
{
    /// <summary>Rules of the page's style sheet.</summary>
    public const string Style = """
        .gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(140px, 1fr)); gap: 0.8rem; margin: 0.8rem 0; }
        .gallery img { width: 100%; height: auto; } .gallery figcaption { line-height: 1.25; } .gallery b { color: var(--mark); }
        """;

    /// <summary>The pictures.</summary>
    public static string Draw(IEnumerable<GalleryPicture> pictures)
    {
        StringBuilder html = new("<div class=\"gallery\">\n");
        foreach (GalleryPicture picture in pictures)
        {
            string caption = HtmlPage.Escape(picture.Caption);
            string remark = picture.Remark.Length == 0 ? "" : $"<b>{HtmlPage.Escape(picture.Remark)}</b> ";
            string image = $"<img alt=\"{caption}\" loading=\"lazy\" src=\"{HtmlPage.Source(picture.Jpeg)}\"/>";
            string linked = picture.Link is null ? image : $"<a href=\"{HtmlPage.Escape(picture.Link)}\">{image}</a>";
            html.Append($"<figure>{linked}<figcaption>{remark}{caption}</figcaption></figure>\n");
        }

        return html.Append("</div>\n").ToString();
    }
}
