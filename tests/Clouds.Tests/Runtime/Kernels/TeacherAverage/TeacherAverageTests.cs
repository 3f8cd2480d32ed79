using Clouds.Runtime.Kernels;

namespace Clouds.Tests.Runtime.Kernels;

[Kind(TestKind.Fast)]
public class TeacherAverageTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(15, 1)]
    [InlineData(16, 2)]
    [InlineData(70_003, 1)]
    [InlineData(200_000, 3)]
    public void Run_AnyLengthAndThreads_IsOneFusedMultiplyAddAnElement(int length, int threads)
    {
        const float Old = 0.999f;
        (Pinned<float> teacher, Pinned<float> student) = (Pinned.Normal(length, 1), Pinned.Normal(length, 2));
        float[] expected = [.. teacher.Values.Zip(student.Values, (t, s) => MathF.FusedMultiplyAdd(Old, t, (1 - Old) * s))];

        TeacherAverage.Run(teacher.Span, student.Span, 0.999, threads);

        Assert.Equal(expected, teacher.Values);
    }
}
