using System.Globalization;
using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Runtime.Devices;

namespace Clouds.Runtime.Sessions;

/// <summary>
/// softmax(conv(image) · matrix), held against the same in plain loops: the smallest work that shows whether a device runs networks. On a GPU it needs
/// every library that a network needs; numbers of so few digits are exact in TF32 too, up to the softmax and to algorithms that transform them.
/// </summary>
internal static class SmallGraph
{
    private const int Side = 4;
    private const int Channels = 2;
    private const int Filters = 3;
    private const int Classes = 5;
    private const double Tolerance = 1e-3;

    /// <summary>Runs it.</summary>
    /// <exception cref="CloudsException">It cannot be made, does not run, or its numbers are wrong.</exception>
    public static void Run(Device device)
    {
        float[] image = Numbers(Channels * Side * Side, count: 5, scale: 1);
        float[] kernel = Numbers(Filters * Channels * 9, count: 3, scale: 1);
        float[] matrix = Numbers(Side * Side * Classes, count: 7, scale: 1 / 64f);
        float[] result = new float[Filters * Classes];
        using GraphSession session = device.CreateSession(OnnxModel.Write(Graph()));
        session.Bind<float>("image", image, 1, Channels, Side, Side);
        session.Bind<float>("kernel", kernel, Filters, Channels, 3, 3);
        session.Bind<float>("matrix", matrix, Side * Side, Classes);
        session.Bind<float>("y", result, Filters, Classes);
        session.Run();
        Compare(device, result, Expected(image, kernel, matrix));
    }

    /// <summary>What every device has to find, [filters, classes].</summary>
    internal static double[] Expected(float[] image, float[] kernel, float[] matrix)
    {
        double[] result = new double[Filters * Classes];
        for (int f = 0; f < Filters; f++)
        {
            for (int p = 0; p < Side * Side; p++)
            {
                double feature = Convolved(image, kernel, f, p / Side, p % Side);
                for (int k = 0; k < Classes; k++)
                {
                    result[(f * Classes) + k] += feature * matrix[(p * Classes) + k];
                }
            }

            double[] powers = [.. result.Skip(f * Classes).Take(Classes).Select(Math.Exp)];
            for (int k = 0; k < Classes; k++)
            {
                result[(f * Classes) + k] = powers[k] / powers.Sum();
            }
        }

        return result;
    }

    private static GraphBuilder Graph()
    {
        GraphBuilder g = new("small network");
        Value image = g.Input("image", ElementType.Float, [1, Channels, Side, Side]);
        Value features = g.Conv(image, g.Input("kernel", ElementType.Float, [Filters, Channels, 3, 3]), bias: null, pad: 1);   // [1, F, 4, 4]
        Value rows = g.Reshape(features, [Filters, Side * Side]);                                                              // [F, 16]
        g.Output("y", g.Softmax(g.MatMul(rows, g.Input("matrix", ElementType.Float, [Side * Side, Classes]))));                // [F, K]
        return g;
    }

    private static double Convolved(float[] image, float[] kernel, int filter, int y, int x)
    {
        double sum = 0;
        for (int i = 0; i < Channels * 9; i++)
        {
            (int row, int column) = (y + (i % 9 / 3) - 1, x + (i % 3) - 1);
            bool inside = row is >= 0 and < Side && column is >= 0 and < Side;
            sum += inside ? image[(((i / 9 * Side) + row) * Side) + column] * kernel[(filter * Channels * 9) + i] : 0;
        }

        return sum;
    }

    // Whole numbers around zero, in an order without a short period.
    private static float[] Numbers(int length, int count, float scale)
        => [.. Enumerable.Range(0, length).Select(i => ((i * i % 11 % count) - (count / 2)) * scale)];

    /// <summary>Fails at the first number that is not the expected one.</summary>
    internal static void Compare(Device device, float[] found, double[] expected)
    {
        int wrong = Enumerable.Range(0, found.Length).FirstOrDefault(i => !(Math.Abs(found[i] - expected[i]) <= Tolerance), -1);
        if (wrong >= 0)
        {
            string numbers = string.Create(CultureInfo.InvariantCulture, $"{found[wrong]:0.####} for {expected[wrong]:0.####} at [{wrong}]");
            throw new CloudsException(
                Failure.Device, $"a graph with Conv, MatMul and Softmax computed wrong: {numbers}", device.ToString(), next: "report this");
        }
    }
}
