using System.Globalization;

namespace Clouds.Training.Evaluation;

/// <summary>Answers that are one and the same class nearly everywhere though the labels are not: what a training that fell apart looks like.</summary>
/// <param name="Name">The class.</param>
/// <param name="Answered">Share of the counted pixels that were answered with it, 0 to 1.</param>
/// <param name="True">Share that is of it.</param>
public sealed record CollapsedAnswers(string Name, double Answered, double True)
{
    private const double NearlyAll = 0.99;
    private const double Many = 0.95;

    /// <summary>Looks for such a class: the answer of at least 99 % of the counted pixels, and the truth of less than 95 %.</summary>
    /// <param name="matrix">The counts of a set.</param>
    /// <returns>Null where there is none.</returns>
    public static CollapsedAnswers? Find(ConfusionMatrix matrix)
    {
        double pixels = Math.Max(1, Enumerable.Range(0, matrix.Classes.Count).Sum(matrix.Truth));
        return matrix.Classes.Names.Select((name, id) => new CollapsedAnswers(name, matrix.Predicted(id) / pixels, matrix.Truth(id) / pixels))
            .FirstOrDefault(found => found.Answered >= NearlyAll && found.True < Many);
    }

    /// <summary>The warning.</summary>
    public string Sentence => string.Create(
        CultureInfo.InvariantCulture,
        $"the answer is {Name} for {100 * Answered:F1} % of the pixels, of which {100 * True:F1} % are: the network knows one class");
}
