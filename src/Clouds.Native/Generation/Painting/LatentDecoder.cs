using Clouds.Graph.Building;
using Clouds.Models.Diffusion;
using Clouds.Models.Diffusion.Tiling;
using Clouds.Runtime.Sessions;

namespace Clouds.Native.Generation.Painting;

/// <summary>
/// Makes pixels of latents of one size: cut into tiles, decoded, joined, rounded, all where the tensors lie. Pixels alone come from there, and how many numbers
/// are none. Dispose it.
/// </summary>
internal sealed class LatentDecoder : IDisposable
{
    private const string Latents = "latents", Image = "image", Pixels = "pixels", Wrong = "wrong";

    private readonly OwnedParts _owned = new();
    private readonly long[] _shape;
    private readonly TileNetwork _decoder;
    private readonly GraphSession _cut;
    private readonly GraphSession _join;
    private readonly TensorMemory<byte> _pixels;
    private readonly TensorMemory<float> _wrong;

    /// <param name="networks">The networks; they outlive this object.</param>
    /// <param name="height">Rows of the latent image.</param>
    /// <param name="width">Its columns.</param>
    /// <param name="tile">Latent cells of a tile's side, a multiple of four; 0: one tile.</param>
    public LatentDecoder(DiffusionNetworks networks, int height, int width, int tile)
    {
        AutoencoderConfig config = networks.Config.Autoencoder;
        TileGrid grid = new(height, width, tile);
        _shape = [1, config.Latents, height, width];
        long pixels = 3L * height * width * config.Stride * config.Stride;
        _cut = _owned.Add(() => networks.Open(Cut(config, grid, _shape)));
        _join = _owned.Add(() => networks.Open(Join(config, grid)));
        _decoder = _owned.Add(() => new TileNetwork(networks, grid, config.Latents, (g, latents) => new Autoencoder(config).Decode(g, latents))
            .Allocate((rows, columns) => 3L * rows * columns * config.Stride * config.Stride));
        _pixels = _owned.Add(() => new TensorMemory<byte>(networks.Device, pixels));
        _wrong = _owned.Add(() => new TensorMemory<float>(networks.Device, 1));
        Decoded = _owned.Add(() => new TensorMemory<float>(networks.Device, pixels));
        Bind(config);
    }

    /// <summary>The last image [1, 3, H, W], about -1..1.</summary>
    public TensorMemory<float> Decoded { get; }

    /// <summary>The pixels of latents, rows top to bottom, R G B.</summary>
    /// <param name="latents">[1, c, h, w].</param>
    /// <param name="half">Whether to decode in half precision.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>The pixels; null where a number of the image is none.</returns>
    public byte[]? Decode(TensorMemory<float> latents, bool half, CancellationToken stop)
    {
        latents.Bind(_cut, Latents, _shape);
        _cut.Run(stop);
        _decoder.Run(half, stop);
        _join.Run(stop);
        return _wrong.Read()[0] > 0 ? null : _pixels.Read();
    }

    public void Dispose() => _owned.Dispose();

    private static GraphBuilder Cut(AutoencoderConfig config, TileGrid grid, long[] shape)
    {
        GraphBuilder g = new("cut");
        Value latents = g.Mul(g.Input(Latents, ElementType.Float, Shape.Of(shape)), (float)(1 / config.Scale));
        IReadOnlyList<Value> tiles = grid.Cut(g, latents);
        for (int i = 0; i < tiles.Count; i++)
        {
            g.Output(TileNetwork.Port(i), tiles[i]);
        }

        return g;
    }

    private static GraphBuilder Join(AutoencoderConfig config, TileGrid grid)
    {
        GraphBuilder g = new("join");
        int side = config.Stride;
        Value[] tiles = [.. grid.Tiles.Select((at, i) => g.Input(
            TileNetwork.Port(i), ElementType.Float, [1, 3, at.Rows.Length * side, at.Columns.Length * side]))];
        Value image = g.Add(grid.Join(g, tiles, side, 1), 0f);
        Value finite = g.Less(g.Abs(image), g.Constant(float.PositiveInfinity));
        g.Output(Image, image);
        g.Output(Pixels, Autoencoder.Pixels(g, Autoencoder.Shown(g, image)));
        g.Output(Wrong, g.Reshape(g.SumAll(g.Cast(g.Not(finite), ElementType.Float)), [1]));
        return g;
    }

    private void Bind(AutoencoderConfig config)
    {
        long[] sides = [_shape[2] * config.Stride, _shape[3] * config.Stride];
        for (int i = 0; i < _decoder.Tiles.Count; i++)
        {
            _decoder.Tiles[i].Bind(_cut, TileNetwork.Port(i), _cut.Port(TileNetwork.Port(i)).Shape);
            _decoder.Answers[i].Bind(_join, TileNetwork.Port(i), _join.Port(TileNetwork.Port(i)).Shape);
        }

        _pixels.Bind(_join, Pixels, 1, sides[0], sides[1], 3);
        _wrong.Bind(_join, Wrong, 1);
        Decoded.Bind(_join, Image, 1, 3, sides[0], sides[1]);
    }
}
