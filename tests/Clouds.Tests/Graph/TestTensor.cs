using Clouds.Graph.Building;
using Clouds.Graph.Randomness;
using Microsoft.ML.OnnxRuntime;

namespace Clouds.Tests.Graph;

/// <summary>A tensor on its way into or out of the runtime. Data is float[], double[], long[], int[], byte[] or bool[] in C order.</summary>
internal sealed record TestTensor(long[] Sizes, Array Data)
{
    public ElementType Type => Data switch
    {
        float[] => ElementType.Float,
        double[] => ElementType.Double,
        long[] => ElementType.Int64,
        int[] => ElementType.Int32,
        byte[] => ElementType.UInt8,
        bool[] => ElementType.Bool,
        _ => throw new NotSupportedException($"{Data.GetType()}"),
    };

    public float[] Floats => (float[])Data;

    public long[] Integers => (long[])Data;

    /// <summary>The elements as double precision numbers, whatever their type.</summary>
    public double[] Doubles => Data is double[] own ? own : [.. Data.Cast<IConvertible>().Select(value => value.ToDouble(null))];

    public static TestTensor Of(float[] data, params long[] sizes) => new(sizes, data);

    public static TestTensor OfIntegers(long[] data, params long[] sizes) => new(sizes, data);

    public static TestTensor OfTruth(bool[] data, params long[] sizes) => new(sizes, data);

    public static TestTensor OfBytes(byte[] data, params long[] sizes) => new(sizes, data);

    /// <summary>Uniform draws in [low, high).</summary>
    public static TestTensor Uniform(RandomStream random, double low, double high, params long[] sizes)
    {
        float[] data = new float[sizes.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < data.Length; i++)
        {
            data[i] = (float)random.NextDouble(low, high);
        }

        return new TestTensor(sizes, data);
    }

    /// <summary>The same numbers in double precision where they are in single precision.</summary>
    public TestTensor Promoted() => Data is float[]? new TestTensor(Sizes, Doubles) : this;

    public OrtValue ToOrt() => Data switch
    {
        float[] data => OrtValue.CreateTensorValueFromMemory(data, Sizes),
        double[] data => OrtValue.CreateTensorValueFromMemory(data, Sizes),
        long[] data => OrtValue.CreateTensorValueFromMemory(data, Sizes),
        int[] data => OrtValue.CreateTensorValueFromMemory(data, Sizes),
        byte[] data => OrtValue.CreateTensorValueFromMemory(data, Sizes),
        bool[] data => OrtValue.CreateTensorValueFromMemory(data, Sizes),
        _ => throw new NotSupportedException($"{Data.GetType()}"),
    };

    public static TestTensor FromOrt(OrtValue value)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        return new TestTensor(info.Shape, (ElementType)(int)info.ElementDataType switch
        {
            ElementType.Float => value.GetTensorDataAsSpan<float>().ToArray(),
            ElementType.Double => value.GetTensorDataAsSpan<double>().ToArray(),
            ElementType.Int64 => value.GetTensorDataAsSpan<long>().ToArray(),
            ElementType.Int32 => value.GetTensorDataAsSpan<int>().ToArray(),
            ElementType.UInt8 => value.GetTensorDataAsSpan<byte>().ToArray(),
            ElementType.Bool => value.GetTensorDataAsSpan<bool>().ToArray(),
            _ => throw new NotSupportedException($"{info.ElementDataType}"),
        });
    }
}
