using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using Clouds.Models.MaskClassifier;
using Clouds.Training.Engine;

namespace Clouds.Training.Averaging;

/// <summary>What an average is made of: parameters from files, and a model that says what they are and has what training left as it was.</summary>
internal sealed class AverageInputs : IDisposable
{
    private readonly List<WeightSource> _files = [];
    private WeightSource? _model;

    private AverageInputs(bool teacher) => Prefix = teacher ? Checkpoint.TeacherPrefix : "";

    /// <summary>The files whose parameters are averaged.</summary>
    public IReadOnlyList<WeightSource> Files => _files;

    /// <summary>What names of parameters begin with in the files.</summary>
    public string Prefix { get; }

    /// <summary>The model.</summary>
    public WeightSource Model => _model!;

    /// <summary>Opens what a user names.</summary>
    /// <param name="paths">Models, checkpoints, or folders of runs, which stand for their checkpoints.</param>
    /// <param name="teacher">The teacher's parameters are wanted; a folder then stands for its newest checkpoint.</param>
    /// <exception cref="CloudsException">Usage or BadInput: nothing to average, or no model; Weights: a file is damaged or of another model.</exception>
    public static AverageInputs Open(IReadOnlyList<string> paths, bool teacher)
    {
        AverageInputs inputs = new(teacher);
        try
        {
            foreach (string path in paths.SelectMany(path => Named(path, teacher)))
            {
                inputs.Add(path, teacher);
            }

            return inputs;
        }
        catch
        {
            inputs.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _files.ForEach(file => file.Dispose());
        _model?.Dispose();
    }

    private static IEnumerable<string> Named(string path, bool teacher)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }

        string stage = Path.Combine(path, "stage-2");
        IReadOnlyList<string> checkpoints = new RunFolder(Directory.Exists(stage) ? stage : path).Checkpoints;
        return checkpoints.Count > 0 ? checkpoints.Take(teacher ? 1 : int.MaxValue) : throw new CloudsException(
            Failure.BadInput, "the folder has no checkpoints to average", path, null, "the folder of a run", "name model files or checkpoints");
    }

    private void Add(string path, bool teacher)
    {
        WeightSource file = WeightSource.Open(path);
        _files.Add(file);
        if (teacher && !file.Tensors.Keys.Any(name => name.StartsWith(Checkpoint.TeacherPrefix, StringComparison.Ordinal)))
        {
            throw new CloudsException(Failure.Weights, "the file has no teacher", path, $"{file.Tensors.Count} other tensors",
                "a checkpoint of self-training", "leave the teacher out, or name a checkpoint of stage 2");
        }

        WeightSource model = WeightSource.Open(Checkpoint.Is(file) ? ModelBeside(path) : path);
        if (_model is null)
        {
            ModelDescription.Read(_model = model);
            return;
        }

        using (model)
        {
            RequireSame(model, path);
        }
    }

    // A checkpoint neither says what its classes are nor has the weights of a frozen encoder.
    private static string ModelBeside(string checkpoint)
    {
        RunFolder run = new(Path.GetDirectoryName(Path.GetFullPath(checkpoint))!);
        return ((string[])[run.Model, run.Best]).FirstOrDefault(File.Exists) ?? throw new CloudsException(
            Failure.BadInput, "there is no model beside the checkpoint", checkpoint, "no model.safetensors, no best.safetensors",
            "a model that says what the checkpoint's parameters are", "let the run come to its end, or stop it with Ctrl-C, which writes a model");
    }

    private void RequireSame(WeightSource model, string path)
    {
        string first = Model.Metadata[ModelDescription.MetadataKey];
        if (model.Metadata.GetValueOrDefault(ModelDescription.MetadataKey) != first)
        {
            throw new CloudsException(Failure.Weights, "the models are not of one network and one list of classes", path,
                "another description", $"that of {_files[0].Path}", "average models of one run, or of runs with the same settings");
        }
    }
}
