using Clouds.Native.Tokenizers;

namespace Clouds.Tests.Native.Tokenizers;

/// <summary>CLIP's cleaning. The expected texts are those of Python's html.unescape and str.lower.</summary>
[Kind(TestKind.Fast)]
public sealed class TextCleaningTests
{
    [Theory]
    [InlineData("&lt", "<")]
    [InlineData("&lt;b&gt;", "<b>")]
    [InlineData("&copy 2024", "\u00A9 2024")]
    [InlineData("&eacute;t&eacute;", "\u00E9t\u00E9")]
    [InlineData("&notit;", "\u00ACit;")]
    [InlineData("&notin;", "\u2209")]
    [InlineData("&hearts;", "\u2665")]
    [InlineData("&check;", "\u2713")]
    [InlineData("&NotEqualTilde;", "\u2242\u0338")]
    [InlineData("&#128;", "\u20AC")]
    [InlineData("&#x9F;", "\u0178")]
    [InlineData("&#0;", "\uFFFD")]
    [InlineData("&#xD800;", "\uFFFD")]
    [InlineData("&#1114112;", "\uFFFD")]
    [InlineData("&#99999999999;", "\uFFFD")]
    [InlineData("&#11;", "")]
    [InlineData("&#x41", "A")]
    [InlineData("&#65x", "Ax")]
    [InlineData("&#x;", "&#x;")]
    [InlineData("&;", "&;")]
    [InlineData("&", "&")]
    [InlineData("a & b", "a & b")]
    [InlineData("&amp;amp;lt;", "&amp;lt;")]
    [InlineData("&unknown;", "&unknown;")]
    [InlineData("&EACUTE;", "&EACUTE;")]
    [InlineData("&#9;x", "\u0009x")]
    [InlineData("&#xFDD0;", "")]
    [InlineData("&#x1F697;", "\U0001F697")]
    [InlineData("&CounterClockwiseContourIntegral;", "\u2233")]
    [InlineData("&AMP&amp", "&&")]
    [InlineData("&#00065;", "A")]
    [InlineData("&#127;", "")]
    [InlineData("&#xFFFF;", "")]
    public void Unescape_AnyReference_IsWhatHtml5Says(string text, string expected) => Assert.Equal(expected, HtmlReferences.Unescape(text));

    [Theory]
    [InlineData("\u03A3\u038A\u03A3\u03A5\u03A6\u039F\u03A3", "\u03C3\u03AF\u03C3\u03C5\u03C6\u03BF\u03C2")]
    [InlineData("\u039F\u0394\u039F\u03A3 \u039F\u0394\u039F\u03A3.", "\u03BF\u03B4\u03BF\u03C2 \u03BF\u03B4\u03BF\u03C2.")]
    [InlineData("\u0391\u03A3'\u0391", "\u03B1\u03C3'\u03B1")]
    [InlineData("\u03A3", "\u03C3")]
    [InlineData("\u0130I", "i\u0307i")]
    [InlineData("\u01C4\u1E9EK", "\u01C6\u00DFk")]
    [InlineData("\u0391\u03A3\u0301 \u0392", "\u03B1\u03C2\u0301 \u03B2")]
    [InlineData("\U00010400", "\U00010428")]
    public void LowerCase_LettersThatDotNetLowersOtherwise_AreAsInPython(string text, string expected) => Assert.Equal(expected, LowerCase.Of(text));

    [Theory]
    [InlineData("  a\t\r\n b\u00A0c\u2028", "a b c")]
    [InlineData("&amp;lt;B&amp;gt;", "<b>")]
    [InlineData("&nbsp;", "")]
    [InlineData("", "")]
    public void Of_AnyText_IsUnescapedTwiceCollapsedAndLowered(string text, string expected) => Assert.Equal(expected, TextCleaning.Of(text));
}
