using Clouds.Graph.Building;
using Clouds.Graph.Settings;
using Clouds.Graph.Weights;

namespace Clouds.Models.Encoders;

/// <summary>Sizes of a ResNet of bottlenecks (method.md section 1.2.3).</summary>
public sealed record ResNetConfig : EncoderConfig
{
    /// <summary>The kind's name in settings and files.</summary>
    public const string Kind = "resnet";

    /// <summary>Blocks in each of the four stages. ResNet-50: 3, 4, 6, 3; ResNet-101: 3, 4, 23, 3.</summary>
    [Setting(Unit = "blocks", Min = 1, Source = "torchvision resnet50: 3, 4, 6, 3; resnet101: 3, 4, 23, 3")]
    public IReadOnlyList<int> Blocks { get; init; } = [3, 4, 6, 3];

    /// <summary>Channels of the stem; the stages have 4, 8, 16 and 32 times as many. torchvision: 64.</summary>
    [Setting(Unit = "channels", Min = 1, Source = "torchvision: 64")]
    public int Width { get; init; } = 64;

    /// <summary>ResNet-50.</summary>
    public static ResNetConfig Rn50 { get; } = new();

    /// <summary>ResNet-101.</summary>
    public static ResNetConfig Rn101 { get; } = new() { Blocks = [3, 4, 23, 3] };

    /// <inheritdoc/>
    public override IEncoder Create(bool trainable = false) => new ResNet(this, trainable);

    /// <inheritdoc/>
    public override (string Key, string Found, string Expected)? Misfit() =>
        Blocks.Count != 4 || Blocks.Any(blocks => blocks < 1) ? ("blocks", $"[{string.Join(", ", Blocks)}]", "4 numbers of blocks, each at least 1") : null;

    internal static ResNetConfig? FindIn(TensorShapes shapes)
    {
        int width = shapes.Extent("backbone.layer1.0.conv1.weight", 0, 0);
        int[] blocks = [.. Enumerable.Range(1, 4).Select(stage => shapes.Count($"backbone.layer{stage}.*.conv1.weight"))];
        return width == 0 ? null : new() { Blocks = blocks, Width = width };
    }
}

/// <summary>
/// ResNet v1.5 (He et al. 2016, with the stride in the 3 x 3 convolution; method.md section 1.2.3). Parameter names are those of torchvision.
/// </summary>
/// <param name="config">Sizes.</param>
/// <param name="trainable">Whether gradients are wanted.</param>
public sealed class ResNet(ResNetConfig config, bool trainable = false) : IEncoder
{
    private const int Expansion = 4;

    /// <inheritdoc/>
    public string Scope => "backbone";

    /// <inheritdoc/>
    public IReadOnlyList<FeatureLevel> Levels { get; } =
        [.. Enumerable.Range(0, 4).Select(stage => new FeatureLevel($"res{stage + 2}", 4 << stage, Expansion * config.Width << stage))];

    /// <inheritdoc/>
    public ColourStatistics Colours => ColourStatistics.ImageNet;

    /// <inheritdoc/>
    public bool Trainable => trainable;

    // N batch · H×W input pixels · C = 4 · Width · 2^stage
    /// <inheritdoc/>
    public Pyramid Build(GraphBuilder g, Value image)
    {
        Value x = Stem(g, image);                                       // [N, Width, H/4, W/4]
        Value c2 = Stage(g, x, 0);                                      // [N, C, H/4, W/4]
        Value c3 = Stage(g, c2, 1);                                     // [N, C, H/8, W/8]
        Value c4 = Stage(g, c3, 2);                                     // [N, C, H/16, W/16]
        Value c5 = Stage(g, c4, 3);                                     // [N, C, H/32, W/32]
        return new Pyramid(c2, c3, c4, c5);
    }

    /// <summary>7 x 7 convolution and maximum pool, of stride 2 each.</summary>
    public Value Stem(GraphBuilder g, Value image)
    {
        Value x = g.Relu(g.BatchNorm(Conv(g, image, "conv1", config.Width, kernel: 7, stride: 2), "bn1"));
        return g.MaxPool(x, kernel: 3, stride: 2, pad: 1);              // [N, Width, H/4, W/4]
    }

    /// <summary>ImageNet's classifier on c5 [N, C, h, w]: [N, classes].</summary>
    public static Value Classify(GraphBuilder g, Value c5, long classes) => g.Linear(g.GlobalAveragePool(c5), "fc", classes);

    private Value Stage(GraphBuilder g, Value x, int stage)
    {
        for (int block = 0; block < config.Blocks[stage]; block++)
        {
            x = Bottleneck(g, x, $"layer{stage + 1}.{block}", (long)config.Width << stage, stride: stage > 0 && block == 0 ? 2 : 1, block == 0);
        }

        return x;
    }

    private static Value Bottleneck(GraphBuilder g, Value x, string name, long width, long stride, bool first)
    {
        Value y = g.Relu(g.BatchNorm(Conv(g, x, $"{name}.conv1", width, kernel: 1), $"{name}.bn1"));
        y = g.Relu(g.BatchNorm(Conv(g, y, $"{name}.conv2", width, kernel: 3, stride), $"{name}.bn2"));
        y = g.BatchNorm(Conv(g, y, $"{name}.conv3", Expansion * width, kernel: 1), $"{name}.bn3");
        Value shortcut = first ? g.BatchNorm(Conv(g, x, $"{name}.downsample.0", Expansion * width, kernel: 1, stride), $"{name}.downsample.1") : x;
        return g.Relu(g.Add(y, shortcut));
    }

    private static Value Conv(GraphBuilder g, Value x, string name, long outputs, long kernel, long stride = 1) =>
        g.Conv(x, name, outputs, kernel, stride, pad: kernel / 2, useBias: false, weight: Initialize.KaimingNormalFanOut());
}
