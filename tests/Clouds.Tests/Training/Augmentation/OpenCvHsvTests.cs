using System.Security.Cryptography;
using Clouds.Training.Augmentation;

namespace Clouds.Tests.Training.Augmentation;

/// <summary>Complete tables against OpenCV 4.6.0; tests/golden/opencv/README.md says how the digests were made.</summary>
[Kind(TestKind.Fast)]
public sealed class OpenCvHsvTests
{
    [Fact]
    public void FromRgb_AllColours_HasOpenCvsBits()
    {
        byte[] table = new byte[3 << 24];
        for (int bgr = 0; bgr < 1 << 24; bgr++)
        {
            (table[3 * bgr], table[(3 * bgr) + 1], table[(3 * bgr) + 2]) = OpenCvHsv.FromRgb((byte)bgr, (byte)(bgr >> 8), (byte)(bgr >> 16));
        }

        Assert.Equal("cc4c8f3a2064ffaed3776170c4dfa02c90011b02dbc7ece07b7fced54069ad55", Digest(table));
    }

    [Fact]
    public void ToRgb_AllColours_HasOpenCvsBits()
    {
        byte[] table = new byte[3 * 180 << 16];
        for (int hsv = 0; hsv < 180 << 16; hsv++)
        {
            (table[(3 * hsv) + 2], table[(3 * hsv) + 1], table[3 * hsv]) = OpenCvHsv.ToRgb((byte)(hsv >> 16), (byte)(hsv >> 8), (byte)hsv);
        }

        Assert.Equal("8b06ccdabf3ce6f0e52f4419b41dd240a23d4a2617e6c76cd2551fd453a4d91a", Digest(table));
    }

    private static string Digest(byte[] table) => Convert.ToHexStringLower(SHA256.HashData(table));
}
