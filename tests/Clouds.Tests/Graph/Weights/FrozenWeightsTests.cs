using System.Runtime.InteropServices;
using Clouds.Graph.Building;
using Clouds.Graph.Weights;
using Clouds.Models.Encoders;
using Clouds.Tests.Graph.Weights.Torch;
using static Clouds.Tests.Graph.Weights.Torch.PickleText;

namespace Clouds.Tests.Graph.Weights;

[Kind(TestKind.Fast)]
public sealed class FrozenWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder["w.pth"];

    public void Dispose() => _folder.Dispose();

    // Legacy storages lie where they happen to lie, and the matrices are saved as views of their transposes.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Open_CheckpointOfAnotherProgram_GivesTheNetworkItsParameters(bool legacy)
    {
        IReadOnlyCollection<Parameter> parameters = Parameters();
        (Parameter Parameter, string Key)[] stored = [.. parameters.Select((parameter, i) => (parameter, $"{i}"))];
        IEnumerable<(object, object?)> saved =
            stored.Select(s => ((object)$"module.{s.Parameter.Name["backbone.".Length..]}", (object?)Saved(s.Parameter, s.Key)));
        byte[] value = Dict(("epoch", 1), ("state_dict", Ordered([.. saved])));
        File.WriteAllBytes(FilePath, legacy
            ? TorchFile.Legacy(value, [.. stored.Select(s => (s.Key, s.Parameter.Shape.ElementCount, Elements(s.Parameter)))])
            : TorchFile.Zip(value, [.. stored.Select(s => (s.Key, Elements(s.Parameter)))]));
        using FrozenWeights weights = FrozenWeights.Open(FilePath, parameters);
        Assert.All(weights.Tensors, tensor => Assert.Null(tensor.Strides));
        Assert.All(weights.Tensors, tensor => Assert.Equal(0, tensor.Offset % tensor.Type.Size()));
        Assert.All(weights.Tensors.Zip(parameters), pair => Assert.Equal(InOrder(pair.Second), pair.First.Slice(0, (int)pair.First.Elements).ToArray()));
    }

    private static IReadOnlyCollection<Parameter> Parameters()
    {
        GraphBuilder g = new("encoder");
        ResNet network = new(new ResNetConfig { Blocks = [1, 1, 1, 1], Width = 8 });
        using IDisposable scope = g.Scope(network.Scope);
        network.Build(g, g.Input("image", ElementType.Float, [1, 3, 64, 64]));
        return g.Parameters;
    }

    private static byte[] Saved(Parameter parameter, string key)
    {
        int[] shape = [.. parameter.Shape.Sizes.Select(size => (int)size)];
        int[] strides = [.. shape.Select((_, axis) => shape[..axis].Aggregate(1, (product, size) => product * size))];
        return Tensor(Storage(parameter.Type == ElementType.Int64 ? "Long" : "Float", key, parameter.Shape.ElementCount), 0, shape, strides);
    }

    // As they are saved: the first axis fastest.
    private static byte[] Elements(Parameter parameter) => parameter.Type == ElementType.Int64
        ? new byte[8]
        : MemoryMarshal.AsBytes<float>([.. Enumerable.Range(0, (int)parameter.Shape.ElementCount).Select(i => i + 0.5f)]).ToArray();

    private static byte[] InOrder(Parameter parameter)
    {
        if (parameter.Type == ElementType.Int64)
        {
            return new byte[8];
        }

        long[] shape = [.. parameter.Shape.Sizes];
        float[] values = new float[parameter.Shape.ElementCount];
        for (int i = 0; i < values.Length; i++)
        {
            (long rest, long place, long step) = (i, 0, 1);
            long[] index = new long[shape.Length];
            for (int axis = shape.Length - 1; axis >= 0; axis--)
            {
                (rest, index[axis]) = Math.DivRem(rest, shape[axis]);
            }

            for (int axis = 0; axis < shape.Length; axis++)
            {
                place += index[axis] * step;
                step *= shape[axis];
            }

            values[i] = place + 0.5f;
        }

        return MemoryMarshal.AsBytes<float>(values).ToArray();
    }
}
