using System.Runtime.Intrinsics;
using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public class LanesTests
{
    [Fact]
    public void Sigmoid_IsAccurateToHalfAMillionth()
    {
        for (float x = -86.9f; x < 86.9f; x += 0.0137f)
        {
            double expected = 1 / (1 + Math.Exp(-(double)x));
            Assert.InRange(Lanes.Sigmoid(Lanes512.Create(x)).Value.ToScalar() / expected, 1 - 5e-7, 1 + 5e-7);
        }
    }

    [Fact]
    public void Exp_IsAccurateToAThirdOfAMillionth()
    {
        for (float x = -86.9f; x < 86.9f; x += 0.0137f)
        {
            Assert.InRange(Lanes.Exp(Lanes512.Create(x)).Value.ToScalar() / Math.Exp(x), 1 - 3e-7, 1 + 3e-7);
        }
    }

    [Fact]
    public void Sum_FourVectors_ComeInOrder()
    {
        Vector512<float> ramp = Vector512.Create(1f, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
        Vector128<float> sums = Lanes.Sum(ramp, ramp + ramp, -ramp, Vector512<float>.One);
        Assert.Equal(Vector128.Create(136f, 272, -136, 16), sums);
        Assert.Equal(136, Lanes.Sum(ramp));
    }
}
