using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

/// <summary>Multi-scale deformable attention straight from its definition, in double.</summary>
internal sealed class MsDeformAttnOracle(MsDeformAttnPlan plan, int[] levels, float[] value, float[] locations, float[] weights)
{
    public double[] Forward()
    {
        double[] output = new double[plan.Batch * plan.Queries * plan.Heads * plan.Width];
        Visit((v, w, y, _, _, corner) => output[y] += w * corner * value[v]);
        return output;
    }

    public (double[] Value, double[] Locations, double[] Weights) Backward(float[] dOutput)
    {
        double[] dValue = new double[value.Length];
        double[] dLocations = new double[locations.Length];
        double[] dWeights = new double[weights.Length];
        Visit((v, w, y, sample, slope, corner) =>
        {
            dValue[v] += w * corner * dOutput[y];
            dWeights[sample] += corner * value[v] * dOutput[y];
            dLocations[2 * sample] += w * slope.X * value[v] * dOutput[y];
            dLocations[(2 * sample) + 1] += w * slope.Y * value[v] * dOutput[y];
        });
        return (dValue, dLocations, dWeights);
    }

    private delegate void Term(int valueIndex, double weight, int outputIndex, int sample, (double X, double Y) slope, double corner);

    private void Visit(Term term)
    {
        for (int sample = 0; sample < weights.Length; sample++)
        {
            int level = sample / plan.Points % plan.Levels;
            int m = sample / plan.Samples % plan.Heads;
            int row = sample / plan.Samples / plan.Heads;
            (int height, int width) = (levels[2 * level], levels[(2 * level) + 1]);
            float x = (locations[2 * sample] * width) - 0.5f;
            float y = (locations[(2 * sample) + 1] * height) - 0.5f;
            for (int corner = 0; corner < 4; corner++)
            {
                (int cx, int cy) = ((int)MathF.Floor(x) + (corner & 1), (int)MathF.Floor(y) + (corner >> 1));
                if (cx < 0 || cy < 0 || cx >= width || cy >= height)
                {
                    continue;
                }

                double wx = 1 - Math.Abs((double)x - cx);
                double wy = 1 - Math.Abs((double)y - cy);
                int token = Start(level) + (cy * width) + cx;
                for (int d = 0; d < plan.Width; d++)
                {
                    int v = (((((row / plan.Queries) * plan.Tokens) + token) * plan.Heads) + m) * plan.Width;
                    int output = ((row * plan.Heads) + m) * plan.Width;
                    double slopeX = (corner & 1) == 0 ? -width * wy : width * wy;
                    double slopeY = corner < 2 ? -height * wx : height * wx;
                    term(v + d, weights[sample], output + d, sample, (slopeX, slopeY), wx * wy);
                }
            }
        }
    }

    private int Start(int level)
    {
        int start = 0;
        for (int i = 0; i < level; i++)
        {
            start += levels[2 * i] * levels[(2 * i) + 1];
        }

        return start;
    }
}
