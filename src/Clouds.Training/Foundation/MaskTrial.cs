using Clouds.Native.Sam;
using Clouds.Training.Datasets;

namespace Clouds.Training.Foundation;

/// <summary>
/// One mask that is pointed at, one point after the other, as Segment Anything is evaluated (Kirillov et al. 2023, section 7.1 and appendix D.1): first where
/// the mask is farthest from its border, then where the error is, so that the points correct what was answered.
/// </summary>
internal sealed class MaskTrial
{
    private readonly bool[] _truth;
    private readonly int _width;
    private readonly double _share;
    private readonly List<PromptPoint> _points = [];
    private readonly List<double> _overlaps = [];
    private double _oracle;

    /// <param name="mask">The truth.</param>
    /// <param name="width">Pixels a row of the image.</param>
    /// <param name="height">Its rows.</param>
    public MaskTrial(ImageMask mask, int width, int height)
    {
        (_width, _truth, _share) = (width, new bool[width * height], (double)mask.Area / (width * height));
        for (int i = 0; i < _truth.Length; i++)
        {
            _truth[i] = mask.Contains(i % width, i / width);
        }

        RegionCentre centre = RegionCentre.Of(_truth, width)!.Value;
        _points.Add(new PromptPoint(centre.X, centre.Y));
    }

    /// <summary>What came of it so far.</summary>
    public MaskOutcome Outcome => new(_share, First?.Score ?? 0, _oracle, [.. _overlaps]);

    /// <summary>The mask that was chosen after the first point; null: nothing was answered yet.</summary>
    public PointMask? First { get; private set; }

    /// <summary>The mask that was chosen last; null: nothing was answered yet.</summary>
    public PointMask? Chosen { get; private set; }

    /// <summary>The points so far.</summary>
    public IReadOnlyList<PromptPoint> Points => _points;

    /// <summary>What is asked next.</summary>
    /// <param name="withMask">Whether the answer before is part of it.</param>
    public MaskPrompt Prompt(bool withMask) => new() { Points = [.. _points], Mask = withMask ? Chosen?.Start : null };

    /// <summary>Takes the answer: of several masks the one with the best score, the first among equals. Then the next point is where the error is.</summary>
    public void Take(IReadOnlyList<PointMask> masks)
    {
        Chosen = masks.MaxBy(mask => mask.Score)!;
        (First, _oracle) = First is null ? (Chosen, masks.Max(mask => Overlap(mask.Inside))) : (First, _oracle);
        _overlaps.Add(Overlap(Chosen.Inside));
        if (Correction() is PromptPoint next)
        {
            _points.Add(next);
        }
    }

    /// <summary>Whether there is nothing left to be corrected: further points would be answered with what is known.</summary>
    public bool IsPerfect => _overlaps.Count == _points.Count;

    private double Overlap(bool[] mask)
    {
        (int both, int any) = (0, 0);
        for (int i = 0; i < mask.Length; i++)
        {
            both += mask[i] && _truth[i] ? 1 : 0;
            any += mask[i] || _truth[i] ? 1 : 0;
        }

        return (double)both / any;
    }

    // In the middle of what is missing or of what is too much, whichever is farther from its border.
    private PromptPoint? Correction()
    {
        bool[] answer = Chosen!.Inside;
        bool[] missing = [.. _truth.Zip(answer, (wanted, found) => wanted && !found)], excess = [.. _truth.Zip(answer, (wanted, found) => found && !wanted)];
        (RegionCentre? lacks, RegionCentre? exceeds) = (RegionCentre.Of(missing, _width), RegionCentre.Of(excess, _width));
        bool inside = (lacks?.Squared ?? 0) >= (exceeds?.Squared ?? 0);
        return (inside ? lacks : exceeds) is RegionCentre centre ? new PromptPoint(centre.X, centre.Y, inside) : null;
    }
}

/// <summary>What came of pointing at a mask.</summary>
/// <param name="Share">Share of the image that the mask takes.</param>
/// <param name="Score">What the mask that was chosen after one point expected of itself.</param>
/// <param name="Oracle">IoU of the best of the masks that were there to choose then.</param>
/// <param name="Overlaps">IoU of the chosen mask after each point; it ends where nothing was left to correct.</param>
internal sealed record MaskOutcome(double Share, double Score, double Oracle, IReadOnlyList<double> Overlaps)
{
    /// <summary>IoU after so many points.</summary>
    public double After(int points) => Overlaps[Math.Min(points, Overlaps.Count) - 1];
}
