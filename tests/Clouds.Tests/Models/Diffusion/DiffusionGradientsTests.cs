using Clouds.Graph.Building;
using Clouds.Models.Diffusion;
using Clouds.Models.Layers;
using Clouds.Tests.Graph;

namespace Clouds.Tests.Models.Diffusion;

/// <summary>Gradients through every part of Stable Diffusion.</summary>
[Kind(TestKind.Fast)]
public sealed class DiffusionGradientsTests
{
    private static readonly NetworkGradients Smooth = new(promote: false);

    private static readonly UNetConfig UNet = new()
    {
        Latents = 2, Widths = [8, 12, 16], Heads = [2, 3, 4], TextResolutions = 2, Blocks = 1, TextWidth = 6, Groups = 4,
    };

    private static readonly AutoencoderConfig Autoencoder = new() { Latents = 2, Widths = [4, 8], Blocks = 1, Groups = 2 };

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void UNet_WithConvolutionsOrLinearLayersAroundItsTransformers_FollowsDifferences(bool linear, int textFrom) => Smooth.Assert(
        g => new UNet(UNet with { LinearProjection = linear, TextFrom = textFrom }).Build(
            g, g.Input("latents", ElementType.Float, [2, 2, 4, 8]), g.Input("time", ElementType.Float, [2]), g.Input("text", ElementType.Float, [2, 3, 6])));

    [Fact]
    public void Autoencoder_BothWays_FollowsDifferences() => Smooth.Assert(g =>
    {
        Autoencoder network = new(Autoencoder);
        LatentDistribution latents = network.Encode(g, g.Input("image", ElementType.Float, [1, 3, 6, 8]));
        Value decoded = network.Decode(g, latents.Mean);
        return g.Concat(1, g.Reshape(decoded, [1, 3 * 6 * 8]), g.Reshape(latents.LogVariance, [1, 2 * 3 * 4]));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TextEncoder_WithEitherActivation_FollowsDifferences(bool quick) => Smooth.Assert(
        g => new TextEncoder(new() { Width = 8, Heads = 2, Layers = 1, Context = 5, Vocabulary = 11, QuickGelu = quick })
            .Build(g, g.Input("tokens", ElementType.Int64, [2, 5])),
        ("tokens", TestTensor.OfIntegers([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 2, 5)));

    [Theory]
    [InlineData(1)]
    [InlineData(2 * 2 * 5 * sizeof(float))]
    public void SlicedAttention_OfFewQueriesAtATime_FollowsDifferences(long most) => Smooth.Assert(g => new SlicedAttention(2, most).Build(
        g, g.Input("query", ElementType.Float, [2, 3, 4]), g.Input("key", ElementType.Float, [2, 5, 4]), g.Input("value", ElementType.Float, [2, 5, 4])));
}
