using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Clouds.Graph.Weights;

namespace Clouds.Training.Engine;

/// <summary>What two runs have to have in common to be the same: digests of the parts of their newest checkpoints, and of their histories.</summary>
public static class RunDigests
{
    /// <summary>The digests by the names of the parts; times and memory are no part of a history.</summary>
    /// <param name="folder">The run.</param>
    /// <exception cref="Clouds.Diagnostics.CloudsException">As <see cref="Checkpoint.Describe"/>.</exception>
    public static IReadOnlyDictionary<string, string> Of(RunFolder folder)
    {
        using WeightSource file = NewestCheckpoint.Open(folder);
        OrderedDictionary<string, string> digests = [];
        foreach (IGrouping<string, TensorEntry> part in file.Tensors.Values.OrderBy(tensor => tensor.Offset).GroupBy(tensor => Checkpoint.PartOf(tensor.Name)))
        {
            digests.Add(part.Key, Of(part));
        }

        digests.Add("state", Of([Checkpoint.StateOf(file).ToJson("{}")]));
        digests.Add("history", Of(TrainingHistory.Read(folder.History).Select(Text)));
        digests.Add("validations", Of(TrainingHistory.Validations(folder.History).Select(Text)));
        return digests;
    }

    private static string Of(IEnumerable<TensorEntry> tensors)
    {
        const int Piece = 1 << 20;
        XxHash128 hash = new();
        foreach (TensorEntry tensor in tensors)
        {
            hash.Append(Encoding.UTF8.GetBytes(tensor.Name));
            for (long done = 0; done < tensor.Elements; done += Piece)
            {
                hash.Append(tensor.Slice(done, (int)Math.Min(Piece, tensor.Elements - done)));
            }
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static string Of(IEnumerable<string> lines) => Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(string.Join('\n', lines))));

    private static string Text(HistoryLine line) => string.Create(CultureInfo.InvariantCulture,
        $"{line.Step} {line.Loss:R} {Text(line.Measures)} {line.GradientNorm:R} {line.LearningRate:R}");

    private static string Text(ValidationLine line) => string.Create(CultureInfo.InvariantCulture, $"{line.Step} {line.Best} {Text(line.Numbers)}");

    private static string Text(IEnumerable<KeyValuePair<string, double>> numbers)
        => string.Join(' ', numbers.Select(number => string.Create(CultureInfo.InvariantCulture, $"{number.Key} {number.Value:R}")));
}
