using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Graph.Files;
using Clouds.Graph.Weights;
using Clouds.Training.Packing;

namespace Clouds.Cli.BuiltIn;

/// <summary>The miniature CLIP as encoder of a training for which nobody has named weights.</summary>
internal static class OfferedEncoder
{
    private const string Advice =
        "That shows in minutes whether data and settings are right. For photographs name better weights, --preset gta --set training.encoder.weights=FILE "
        + "(`clouds model list` shows published ones); --preset small learns everything from scratch";

    private static readonly string Name = Miniatures.NameOf(Miniatures.ClipKey);

    /// <summary>What to tell of it where it is taken; null: this program carries none.</summary>
    /// <exception cref="CloudsException">Output: it cannot be unpacked; BadInput: its card is damaged.</exception>
    public static string? Sentence => Card is PackedCard card ? $"{About(card)}; all settings start from --preset mini. {Advice}" : null;

    private static PackedCard? Card
    {
        get
        {
            try
            {
                string file = CarriedWeights.PathOf($"{Name}/{PackedCard.FileName}");
                return File.Exists(file) ? PackedCard.Read(WholeFile.Read(file), file) : null;
            }
            catch (CloudsException e) when (e.Failure == Failure.Usage)
            {
                return null;
            }
        }
    }

    private static string About(PackedCard card) => string.Create(CultureInfo.InvariantCulture,
        $"no weights are named for the encoder: it is the miniature CLIP that this program carries ({Name}), frozen, {card.Parameters / 1e6:0.0} million "
        + $"parameters with its text tower, trained on computer-drawn streets ({card.Data})");
}
