using System.Text.RegularExpressions;

namespace Clouds.Tests.Graph.Weights.Torch;

/// <summary>How detectron2 names what torchvision's ResNet has, below "backbone.".</summary>
internal static partial class Detectron2Names
{
    public static string Of(string name)
    {
        string stem = Stem().Replace(name, match => match.Groups[1].Value == "conv1" ? "backbone.stem.conv1." : "backbone.stem.conv1.norm.");
        return Block().Replace(stem, match => $"backbone.res{int.Parse(match.Groups[1].Value) + 1}.{match.Groups[2].Value}."
            + match.Groups[3].Value switch
            {
                "downsample.0" => "shortcut",
                "downsample.1" => "shortcut.norm",
                string norm when norm.StartsWith("bn", StringComparison.Ordinal) => $"conv{norm[2..]}.norm",
                string convolution => convolution,
            } + ".");
    }

    [GeneratedRegex(@"^backbone\.(conv1|bn1)\.")]
    private static partial Regex Stem();

    [GeneratedRegex(@"^backbone\.layer(\d)\.(\d+)\.(conv\d|bn\d|downsample\.\d)\.")]
    private static partial Regex Block();
}
