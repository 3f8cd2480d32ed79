using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Training.Datasets;

namespace Clouds.Tests.Training.Contrastive;

/// <summary>Pictures of a bright half on a dark ground, each with a caption that says colour and side.</summary>
internal sealed class ColouredPictures(int count = 12, int width = 16, int height = 16) : ICaptionedImages
{
    private static readonly string[] Colours = ["red", "green", "blue"], Sides = ["left", "right"];

    public string Name => "coloured pictures";

    public int Count => count;

    public string Caption(int index) => $"{Colours[index % 3]} on the {Sides[index / 3 % 2]}";

    public RgbImage LoadImage(int index)
    {
        RandomStream random = new(11, "coloured pictures", index);
        RgbImage image = new(width, height);
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            bool bright = (i / 3 % width) * 2 / width == index / 3 % 2 && i % 3 == index % 3;
            image.Pixels[i] = (byte)((bright ? 200 : 20) + random.NextInt32(40));
        }

        return image;
    }

    /// <summary>Writes a vocabulary in which these captions have few tokens: 512 bytes, its merges, start and end.</summary>
    /// <returns>How many tokens it has.</returns>
    public static int WriteVocabulary(string path)
    {
        string[] merges = ["r e", "re d</w>", "o n</w>", "t h", "th e</w>", "l e", "r i", "b l"];
        File.WriteAllText(path, $"#version: 0.2\n{string.Join('\n', merges)}\n");
        return 512 + merges.Length + 2;
    }
}
