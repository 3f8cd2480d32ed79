using Clouds.Diagnostics;
using Clouds.Native.Images;
using Clouds.Runtime.Kernels;

namespace Clouds.Native.Segmentation;

/// <summary>The class scores of several looks at one image, added up in memory that a lane keeps for its next image. Not for concurrent calls.</summary>
internal sealed class ViewScores
{
    private float[] _sum = [];
    private float[] _seen = [];
    private float[] _answer = [];
    private ushort[] _labels = [];
    private ScoreShape _shape;
    private int _threads;
    private int _views;

    /// <summary>Begins with an image.</summary>
    /// <exception cref="CloudsException">BadInput: its scores are more than a list can hold.</exception>
    public void Begin(int classes, RgbImage image, int threads)
    {
        (_shape, _threads, _views) = (new ScoreShape(classes, image.Height, image.Width), threads, 0);
        _sum = Zeros(_sum, _shape);
    }

    /// <summary>Adds a look.</summary>
    /// <param name="seen">The image at the size of this look.</param>
    /// <param name="mirrored">Whether it is the mirror image.</param>
    /// <param name="views">Its windows.</param>
    /// <param name="look">Has the network answer a part of the image, at a size: height, then width.</param>
    /// <param name="stop">Stops between two windows.</param>
    public void Add(RgbImage seen, bool mirrored, TestTimeViews views, Func<RgbImage, int, int, IPendingAnswer> look, CancellationToken stop)
    {
        _views++;
        WindowAxis rows = new(seen.Height, views.Window, views.WindowStride), columns = new(seen.Width, views.Window, views.WindowStride);
        if (rows.Windows.Count * columns.Windows.Count == 1)
        {
            WindowAxis high = new(_shape.Height), wide = new(_shape.Width);
            Look(seen, _shape.Height, _shape.Width, look, stop);
            ScoreSum.Add(_sum, _shape, _answer, high.Windows[0], wide.Windows[0], mirrored, _threads, stop);
            return;
        }

        ScoreShape size = _shape with { Height = seen.Height, Width = seen.Width };
        bool direct = size == _shape;
        _seen = direct ? _seen : Zeros(_seen, size);
        foreach ((WindowSpan row, WindowSpan column) in rows.Windows.SelectMany(row => columns.Windows.Select(column => (row, column))))
        {
            Look(Cut(seen, row, column), row.Length, column.Length, look, stop);
            ScoreSum.Add(direct ? _sum : _seen, size, _answer, row, column, direct && mirrored, _threads, stop);
        }

        if (!direct)
        {
            ScoreSum.AddResized(_sum, _shape, _seen, size, mirrored, _threads, stop);
        }
    }

    /// <summary>Labels and, on request, the mean scores.</summary>
    public IPendingAnswer Mean(bool withScores, CancellationToken stop)
    {
        ushort[] labels = new ushort[_shape.Height * _shape.Width];
        ScoreSum.Labels(_sum, _shape, labels, _threads, stop);
        float share = 1f / _views;
        float[]? scores = withScores ? _sum.AsSpan(0, (int)_shape.Elements).ToArray() : null;
        for (int i = 0; i < scores?.Length; i++)
        {
            scores[i] *= share;
        }

        return new Answer(labels, scores);
    }

    // Labels of one look are asked for too: they show where the network's answer is not finite.
    private void Look(RgbImage part, int height, int width, Func<RgbImage, int, int, IPendingAnswer> look, CancellationToken stop)
    {
        ScoreShape size = _shape with { Height = height, Width = width };
        _answer = Room(_answer, size);
        _labels = _labels.Length < height * width ? new ushort[height * width] : _labels;
        look(part, height, width).Write(_labels.AsSpan(0, height * width), _answer.AsSpan(0, (int)size.Elements), stop);
    }

    private static float[] Zeros(float[] memory, ScoreShape shape)
    {
        float[] room = Room(memory, shape);
        Array.Clear(room);
        return room;
    }

    private static float[] Room(float[] memory, ScoreShape shape) => memory.Length >= shape.Elements ? memory
        : shape.Elements <= Array.MaxLength ? new float[shape.Elements]
        : throw new CloudsException(Failure.BadInput, "the image is too large for several looks at it", null, $"{shape.Width} x {shape.Height} pixels",
            $"at most {Array.MaxLength / shape.Classes} pixels with {shape.Classes} classes", "look once, at the whole image");

    private static RgbImage Cut(RgbImage image, WindowSpan rows, WindowSpan columns)
    {
        RgbImage part = new(columns.Length, rows.Length);
        for (int y = 0; y < rows.Length; y++)
        {
            image.Pixels.AsSpan(3 * (((rows.Start + y) * image.Width) + columns.Start), 3 * columns.Length).CopyTo(part.Pixels.AsSpan(3 * y * columns.Length));
        }

        return part;
    }

    private sealed class Answer(ushort[] labels, float[]? scores) : IPendingAnswer
    {
        public IPendingAnswer Arrived() => this;

        public (ushort[] Labels, float[]? Scores) Take(CancellationToken cancellation) => (labels, scores);

        public void Write(Span<ushort> to, Span<float> scoresTo, CancellationToken cancellation)
        {
            labels.CopyTo(to);
            scores.CopyTo(scoresTo);
        }
    }
}
