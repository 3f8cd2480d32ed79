using Clouds.Graph.Randomness;
using Clouds.Native.Images;
using Clouds.Runtime.Kernels;
using Clouds.Training.Datasets;

namespace Clouds.Training.Promptable;

/// <summary>An image as a step takes it: in the network's frame, with prompts, and with the masks that these mean at the size of the network's.</summary>
internal sealed class PromptedImage
{
    private readonly PromptStepShape _shape;
    private readonly MaskGeometry _geometry;

    /// <summary>Draws prompts for an image.</summary>
    /// <param name="sample">The image.</param>
    /// <param name="config">How prompts are drawn.</param>
    /// <param name="random">Stream of the image.</param>
    public PromptedImage(MaskedImage sample, SamTrainingConfig config, RandomStream random)
    {
        _shape = PromptStepShape.Of(config);
        _geometry = MaskGeometry.Of(sample.Image.Height, sample.Image.Width, _shape.Frame, _shape.Mask);
        Image = PillowResize.Bilinear(sample.Image, _geometry.InputWidth, _geometry.InputHeight);
        (Places, Labels) = (new float[_shape.Prompts * _shape.Tokens * 2], new long[_shape.Prompts * _shape.Tokens]);
        (Masks, Clear) = (new byte[_shape.Prompts * Cells], new float[_shape.Prompts]);
        Inside = Raster((_, _) => true);
        byte[][] seen = [.. sample.Masks.Select(mask => Raster(mask.Contains))];
        int[] usable = [.. Enumerable.Range(0, seen.Length).Where(mask => seen[mask].Contains((byte)1))];
        HasPrompts = usable.Length > 0;
        if (HasPrompts)
        {
            PromptDraws draws = new(config, sample.Image.Width, sample.Image.Height);
            int[] order = Order([.. usable.Select(mask => Math.Pow(sample.Masks[mask].Area, config.AreaPower))], random);
            Draw(draws, [.. order.Select(place => (sample.Masks[usable[place]], seen[usable[place]]))], random);
        }
    }

    /// <summary>The image, resized so that its longest side fills the frame.</summary>
    public RgbImage Image { get; }

    /// <summary>Whether any of its masks has a pixel at the size of the network's; otherwise all that follows is empty.</summary>
    public bool HasPrompts { get; }

    /// <summary>[K, P, 2] in pixels of the frame.</summary>
    public float[] Places { get; }

    /// <summary>[K, P].</summary>
    public long[] Labels { get; }

    /// <summary>[K, s · s].</summary>
    public byte[] Masks { get; }

    /// <summary>[s · s].</summary>
    public byte[] Inside { get; }

    /// <summary>[K].</summary>
    public float[] Clear { get; }

    private int Cells => _shape.Mask * _shape.Mask;

    // One after the other is drawn without being put back, each time with chances as the weights (Efraimidis and Spirakis 2006): the order of ln(u) / weight.
    private static int[] Order(double[] weights, RandomStream random)
    {
        if (Array.TrueForAll(weights, weight => weight == 1))
        {
            return random.NextPermutation(weights.Length);
        }

        double[] keys = Array.ConvertAll(weights, weight => -Math.Log(1 - random.NextDouble()) / weight);
        int[] order = [.. Enumerable.Range(0, keys.Length)];
        Array.Sort(keys, order);
        return order;
    }

    // Masks in this order, over again where prompts are left.
    private void Draw(PromptDraws draws, (ImageMask Mask, byte[] Seen)[] ordered, RandomStream random)
    {
        for (int prompt = 0; prompt < _shape.Prompts; prompt++)
        {
            (ImageMask mask, byte[] seen) = ordered[prompt % ordered.Length];
            seen.CopyTo(Masks, prompt * Cells);
            Span<float> places = Places.AsSpan(prompt * _shape.Tokens * 2, _shape.Tokens * 2);
            Clear[prompt] = draws.Draw(mask, random, places, Labels.AsSpan(prompt * _shape.Tokens, _shape.Tokens)) ? 1 : 0;
            ToFrame(places);
        }
    }

    // As in SegmentAnything: single precision, one factor an axis.
    private void ToFrame(Span<float> places)
    {
        float across = (float)((double)_geometry.InputWidth / _geometry.OutputWidth);
        float down = (float)((double)_geometry.InputHeight / _geometry.OutputHeight);
        for (int i = 0; i < places.Length; i += 2)
        {
            (places[i], places[i + 1]) = (places[i] * across, places[i + 1] * down);
        }
    }

    // What lies below the centre of each of the network's mask pixels; nothing beyond the image.
    private byte[] Raster(Func<int, int, bool> contains)
    {
        byte[] cells = new byte[Cells];
        double side = (double)_shape.Frame / _shape.Mask;
        for (int cell = 0; cell < cells.Length; cell++)
        {
            int x = (int)(((cell % _shape.Mask) + 0.5) * side * _geometry.OutputWidth / _geometry.InputWidth);
            int y = (int)(((cell / _shape.Mask) + 0.5) * side * _geometry.OutputHeight / _geometry.InputHeight);
            cells[cell] = x < _geometry.OutputWidth && y < _geometry.OutputHeight && contains(x, y) ? (byte)1 : (byte)0;
        }

        return cells;
    }
}
