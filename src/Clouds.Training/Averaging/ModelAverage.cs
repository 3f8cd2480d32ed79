using Clouds.Diagnostics;
using Clouds.Graph.Weights;

namespace Clouds.Training.Averaging;

/// <summary>
/// Writes a model whose parameters are the mean of several models' or checkpoints' (Izmailov et al. 2018; Wortsman et al. 2022), or the teacher's of one.
/// </summary>
public static class ModelAverage
{
    private const string MetadataKey = "clouds.average";

    /// <summary>Averages in double and writes the model; one file alone gives its own bits.</summary>
    /// <param name="paths">Models, checkpoints with a model beside them, or folders of runs, which stand for the checkpoints that they keep.</param>
    /// <param name="output">The model to write.</param>
    /// <param name="teacher">The teacher's parameters in place of the student's; a folder then stands for its newest checkpoint.</param>
    /// <param name="progress">Told after every tensor; null: nobody.</param>
    /// <param name="cancellation">Stops between two tensors.</param>
    /// <returns>The files that were averaged.</returns>
    /// <exception cref="CloudsException">
    /// BadInput: a folder without checkpoints, a checkpoint without a model; Weights: damaged files, or files of different models; Output: a full disk.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing was written.</exception>
    public static IReadOnlyList<string> Write(IReadOnlyList<string> paths, string output, bool teacher = false,
        IProgress<ProgressReport>? progress = null, CancellationToken cancellation = default)
    {
        using AverageInputs inputs = AverageInputs.Open(paths, teacher);
        AveragedTensor[] tensors = [.. inputs.Model.Tensors.Values.OrderBy(tensor => tensor.Offset).Select(tensor => AveragedTensor.Of(inputs, tensor))];
        if (!tensors.Any(tensor => tensor.IsAveraged))
        {
            throw new CloudsException(Failure.Weights, "no tensor of the model is in the files that are averaged", inputs.Model.Path, null,
                "the model that the checkpoints belong to", "name the files of one run");
        }

        string[] names = [.. inputs.Files.Select(file => file.Path)];
        Dictionary<string, string> metadata = new(inputs.Model.Metadata)
        {
            [MetadataKey] = $"{(teacher ? "teacher of " : "")}{string.Join(", ", names.Select(Path.GetFileName))}",
        };
        using SafetensorsWriter writer = new(output, [.. tensors.Select(tensor => tensor.Declaration)], metadata);
        for (int i = 0; i < tensors.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            tensors[i].Write(writer);
            progress?.Report(new ProgressReport("average", i + 1, tensors.Length));
        }

        writer.Commit();
        return names;
    }
}
