using Clouds.Runtime.Compilation;
using Clouds.Verification.Kernels;

namespace Clouds.Tests.Verification.Kernels;

[Kind(TestKind.Fast)]
public class KernelProblemTests
{
    public static TheoryData<string> Families => [.. KernelFamilies.All.Select(family => family.Name)];

    [Fact]
    public void All_EveryKernelFile_HasAFamily()
        => Assert.Empty(KernelSource.Names.Except(KernelFamilies.All.SelectMany(family => family.Files)));

    [Theory]
    [MemberData(nameof(Families))]
    public void Problem_AnySeed_HasOneSolutionForEveryNumberOfThreads(string name)
    {
        KernelFamily family = KernelFamilies.All.Single(family => family.Name == name);
        HashSet<string> digests = [];
        for (ulong seed = 1; seed <= 4; seed++)
        {
            KernelProblem problem = family.Make(ProblemSize.Small, seed);
            IReadOnlyList<KernelOutput> outputs = problem.OnCpu(threads: 1);
            Assert.Null(KernelOutput.Difference(outputs, problem.OnCpu(threads: 3), "one", "three", bits: true));
            digests.Add(string.Concat(outputs.Select(output => output.Digest)));
        }

        Assert.Equal(4, digests.Count);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Work_AboveTheFreeRatio_HasAReason(string name)
    {
        KernelProblem problem = KernelFamilies.All.Single(family => family.Name == name).Make(ProblemSize.Counted, 19);
        KernelWork work = problem.Work;
        Assert.True(work.LeastBytes > 0 && work.Operations > 0 && work.Units > 0, problem.Size);
        Assert.Equal(work.AllowedRatio > KernelWork.FreeRatio, work.Reason is not null);
    }

    [Fact]
    public void Difference_Bits_NamesTheFirstElementAndBothValues()
    {
        KernelOutput expected = KernelOutput.Of("areas", [1, 2, 3, 4]);
        Assert.Null(expected.Difference(KernelOutput.Of("areas", [1, 2, 3, 4]), "processor", "GPU"));
        Assert.Equal("areas: element 1: processor 2, GPU 7 (2 of 4 differ)", expected.Difference(KernelOutput.Of("areas", [1, 7, 3, 9]), "processor", "GPU"));
        Assert.Equal("areas: processor 4 elements, GPU 1", expected.Difference(KernelOutput.Of("areas", [1]), "processor", "GPU"));
    }

    [Fact]
    public void Difference_Tolerance_IsRelativeToTheLargestValueAndRefusesNaN()
    {
        KernelOutput expected = KernelOutput.Of("y", [100f, 1f], tolerance: 1e-3);
        KernelOutput near = KernelOutput.Of("y", [100f, 1.05f], tolerance: 1e-3);
        Assert.Null(expected.Difference(near, "processor", "GPU"));
        Assert.NotNull(expected.Difference(near, "processor", "GPU", bits: true));
        Assert.NotNull(expected.Difference(KernelOutput.Of("y", [100f, 1.2f], tolerance: 1e-3), "processor", "GPU"));
        Assert.NotNull(expected.Difference(KernelOutput.Of("y", [float.NaN, 1f], tolerance: 1e-3), "processor", "GPU"));
    }
}
