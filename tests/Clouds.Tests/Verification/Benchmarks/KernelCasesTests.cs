using Clouds.Verification.Benchmarks;

namespace Clouds.Tests.Verification.Benchmarks;

[Kind(TestKind.Fast)]
public class KernelCasesTests
{
    [Fact]
    public void All_SmallProblems_RunAndCountTheirBytes()
    {
        HashSet<string> names = [];
        foreach ((_, Func<KernelCase> make) in KernelCases.All(quick: true))
        {
            using KernelCase kernel = make();
            kernel.Run(1);
            kernel.Run(2);
            Assert.True(kernel.Bytes > 0 && kernel.Operations > 0, kernel.Kernel);
            Assert.True(names.Add(BenchComparison.Key(kernel.Kernel, kernel.Problem, 1)), $"{kernel.Kernel}, {kernel.Problem} comes twice");
        }
    }

    [Fact]
    public void Make_Scenes_HaveSmoothAndRoughBorders()
    {
        IReadOnlyList<BenchMap> maps = BenchMaps.Make(128, 256);
        int[] changes = [.. maps.Select(map => Enumerable.Range(1, map.Pixels.Length - 1).Count(i => map.Pixels[i] != map.Pixels[i - 1]))];
        Assert.True(3 * changes[0] < 2 * changes[1] && changes[0] < changes[2], string.Join(", ", changes));
        Assert.All(maps, map => Assert.Equal(map.Height * map.Width, map.Pixels.Length));
    }
}
