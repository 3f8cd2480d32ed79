using Clouds.Diagnostics;
using Clouds.Graph.Weights;

namespace Clouds.Training.Averaging;

/// <summary>One tensor of the averaged model: the mean of the files', or the model's own where they do not have it or all have the same.</summary>
internal sealed class AveragedTensor
{
    private const int Piece = 1 << 20;

    private readonly TensorEntry _model;
    private readonly (WeightSource File, TensorEntry Tensor)[] _averaged;

    private AveragedTensor(TensorEntry model, (WeightSource File, TensorEntry Tensor)[] averaged)
    {
        (_model, _averaged) = (model, averaged);
        IsMean = averaged.Any(one => !Same(one.Tensor, averaged[0].Tensor));
    }

    /// <summary>Whether the files have it.</summary>
    public bool IsAveraged => _averaged.Length > 0;

    /// <summary>As it will be written: means are of single precision.</summary>
    public TensorDeclaration Declaration => new(_model.Name, IsMean ? WeightType.F32 : Own.Type, _model.Shape);

    private bool IsMean { get; }

    private TensorEntry Own => IsAveraged ? _averaged[0].Tensor : _model;

    /// <summary>Finds it in the files.</summary>
    /// <exception cref="CloudsException">Weights: some have it and some do not, or in another shape; or it is of whole numbers that differ.</exception>
    public static AveragedTensor Of(AverageInputs inputs, TensorEntry model)
    {
        string name = inputs.Prefix + model.Name;
        (WeightSource File, TensorEntry Tensor)[] found =
            [.. inputs.Files.Where(file => file.Tensors.ContainsKey(name)).Select(file => (file, file.Tensors[name]))];
        if (found.Length > 0 && found.Length < inputs.Files.Count)
        {
            throw Unfit(inputs.Files.First(file => !file.Tensors.ContainsKey(name)), name, "no such tensor", $"{model}");
        }

        foreach ((WeightSource file, TensorEntry tensor) in found.Where(one => !one.Tensor.Shape.SequenceEqual(model.Shape)))
        {
            throw Unfit(file, name, $"{tensor}", $"{model}");
        }

        AveragedTensor averaged = new(model, found);
        return !averaged.IsMean || found.All(one => one.Tensor.Type.IsFloat())
            ? averaged
            : throw Unfit(found[^1].File, name, "other whole numbers", "the same in all files");
    }

    /// <summary>Writes it.</summary>
    public void Write(SafetensorsWriter writer)
    {
        if (!IsMean)
        {
            writer.Copy(_model.Name, Own);
            return;
        }

        writer.Write(_model.Name, Mean());
    }

    private float[] Mean()
    {
        double[] sum = new double[_model.Elements];
        foreach ((WeightSource file, TensorEntry tensor) in _averaged)
        {
            float[] values = file.ReadFloats(tensor.Name);
            for (int i = 0; i < values.Length; i++)
            {
                sum[i] += values[i];
            }
        }

        return Array.ConvertAll(sum, value => (float)(value / _averaged.Length));
    }

    private static bool Same(TensorEntry one, TensorEntry other)
    {
        if (one.Type != other.Type || one.Bytes != other.Bytes)
        {
            return false;
        }

        for (long done = 0; done < one.Elements; done += Piece)
        {
            int count = (int)Math.Min(Piece, one.Elements - done);
            if (!one.Slice(done, count).SequenceEqual(other.Slice(done, count)))
            {
                return false;
            }
        }

        return true;
    }

    private static CloudsException Unfit(WeightSource file, string name, string found, string expected) => new(
        Failure.Weights, "a tensor cannot be averaged", $"{file.Path}, tensor '{name}'", found, expected,
        "average files of one run, or of runs with the same settings");
}
