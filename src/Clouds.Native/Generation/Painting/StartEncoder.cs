using Clouds.Graph.Building;
using Clouds.Models.Diffusion;
using Clouds.Models.Diffusion.Sampling;
using Clouds.Models.Diffusion.Tiling;
using Clouds.Native.Images;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Generation.Painting;

/// <summary>
/// Makes noisy latents of start images of one size: cut into tiles, encoded, joined, drawn from the distribution that the encoder says, mixed with noise.
/// Pixels and noise go up, and nothing comes down. Dispose it.
/// </summary>
internal sealed class StartEncoder : IDisposable
{
    private const string Pixels = "pixels", Noise = "noise", Factors = "factors", Latents = "latents";

    private readonly int _elements;
    private readonly OwnedParts _owned = new();
    private readonly long[] _shape;
    private readonly TileNetwork _encoder;
    private readonly GraphSession _cut;
    private readonly GraphSession _join;

    /// <param name="networks">The networks; they outlive this object.</param>
    /// <param name="height">Rows of the latent image.</param>
    /// <param name="width">Its columns.</param>
    /// <param name="tile">Latent cells of a tile's side, a multiple of four; 0: one tile.</param>
    public StartEncoder(DiffusionNetworks networks, int height, int width, int tile)
    {
        AutoencoderConfig config = networks.Config.Autoencoder;
        (_shape, _elements) = ([1, config.Latents, height, width], config.Latents * height * width);
        TileGrid grid = new(height * config.Stride, width * config.Stride, tile * config.Stride);
        _cut = _owned.Add(() => networks.Open(Cut(grid, height * config.Stride, width * config.Stride)));
        _join = _owned.Add(() => networks.Open(Join(config, grid, Shape.Of(_shape))));
        _encoder = _owned.Add(() => new TileNetwork(networks, grid, 3, (g, image) => Moments(g, new Autoencoder(config).Encode(g, image)))
            .Allocate((rows, columns) => 2L * config.Latents * (rows / config.Stride) * (columns / config.Stride)));
        for (int i = 0; i < _encoder.Tiles.Count; i++)
        {
            _encoder.Tiles[i].Bind(_cut, TileNetwork.Port(i), _cut.Port(TileNetwork.Port(i)).Shape);
            _encoder.Answers[i].Bind(_join, TileNetwork.Port(i), _join.Port(TileNetwork.Port(i)).Shape);
        }
    }

    /// <summary>Writes the latents that a plan begins with.</summary>
    /// <param name="image">The start image.</param>
    /// <param name="seed">Of the noise.</param>
    /// <param name="factors">Factor of the image's latents, and of the noise.</param>
    /// <param name="latents">[1, c, h, w], written.</param>
    /// <param name="half">Whether to encode in half precision.</param>
    /// <param name="stop">Ends it.</param>
    public void Encode(RgbImage image, long seed, Mix factors, TensorMemory<float> latents, bool half, CancellationToken stop)
    {
        float[] noise = new float[2 * _elements];
        LatentNoise.Fill(noise.AsSpan(0, _elements), seed, LatentNoise.Encoded);
        LatentNoise.Fill(noise.AsSpan(_elements), seed, LatentNoise.Start);
        _cut.Bind<byte>(Pixels, image.Pixels, 1, image.Height, image.Width, 3);
        _join.Bind<float>(Noise, noise, 2, _shape[1], _shape[2], _shape[3]);
        _join.Bind<float>(Factors, new[] { (float)factors.Sample, (float)factors.Output }, 2);
        latents.Bind(_join, Latents, _shape);
        _cut.Run(stop);
        _encoder.Run(half, stop);
        _join.Run(stop);
    }

    public void Dispose() => _owned.Dispose();

    private static Value Moments(GraphBuilder g, LatentDistribution latents) => g.Concat(1, latents.Mean, latents.LogVariance);

    private static GraphBuilder Cut(TileGrid grid, int height, int width)
    {
        GraphBuilder g = new("cut");
        Value pixels = g.Cast(g.Transpose(g.Input(Pixels, ElementType.UInt8, [1, height, width, 3]), 0, 3, 1, 2), ElementType.Float);
        IReadOnlyList<Value> tiles = grid.Cut(g, g.Sub(g.Mul(pixels, 2f / 255), g.Constant(1f)));
        for (int i = 0; i < tiles.Count; i++)
        {
            g.Output(TileNetwork.Port(i), tiles[i]);
        }

        return g;
    }

    private static GraphBuilder Join(AutoencoderConfig config, TileGrid grid, Shape shape)
    {
        GraphBuilder g = new("join");
        Value[] tiles = [.. grid.Tiles.Select((at, i) => g.Input(
            TileNetwork.Port(i), ElementType.Float, [1, 2 * config.Latents, at.Rows.Length / config.Stride, at.Columns.Length / config.Stride]))];
        IReadOnlyList<Value> moments = g.Split(grid.Join(g, tiles, 1, config.Stride), 1, config.Latents, config.Latents);
        Value noise = g.Input(Noise, ElementType.Float, shape.With(0, 2)), factors = g.Input(Factors, ElementType.Float, [2]);
        Value drawn = g.Add(moments[0], g.Mul(g.Exp(g.Mul(moments[1], 0.5f)), g.Slice(noise, 0, 0, 1)));
        Value clean = g.Mul(g.Mul(drawn, (float)config.Scale), g.Slice(factors, 0, 0, 1));
        g.Output(Latents, g.Add(clean, g.Mul(g.Slice(noise, 0, 1, 2), g.Slice(factors, 0, 1, 2))));
        return g;
    }
}
