using System.Globalization;
using Clouds.Emulator;
using Clouds.Runtime.Compilation;

namespace Clouds.Tests.Runtime.Compilation;

/// <summary>Every kernel file for every architecture that is named: card, compilation, resources, PTX inventory.</summary>
[Kind(TestKind.Emulated)]
public class KernelGateTests
{
    private static readonly string CacheFolder = Path.Combine(Repository.Root, ".cache", "kernels");
    private static readonly Lazy<Dictionary<string, (int Registers, int Shared)>> Ceilings = new(ReadCeilings);

    public static TheoryData<string, int> Cases
    {
        get
        {
            TheoryData<string, int> cases = [];
            foreach (string name in KernelSource.Names)
            {
                foreach (int architecture in new[] { 70, 75, 80, 86, 89, 90 })
                {
                    cases.Add(name, architecture);
                }
            }

            return cases;
        }
    }

    public static TheoryData<string> Files => [.. KernelSource.Names];

    [NvrtcTheory]
    [MemberData(nameof(Cases))]
    public void Kernel_EachArchitecture_StaysBelowItsCeilingsWithoutSpills(string file, int architecture)
    {
        CompiledKernel code = new KernelCompiler(() => NvrtcForTests.Library, CacheFolder).Compile(KernelSource.Load(file), architecture);
        Assert.NotEmpty(code.Resources);
        Assert.NotEmpty(code.Cubin);
        foreach (KernelResources kernel in code.Resources)
        {
            Assert.True(Ceilings.Value.TryGetValue(kernel.Kernel, out (int Registers, int Shared) ceiling), $"{kernel} has no ceiling in kernels/ceilings.txt");
            Assert.True(kernel.SpillBytes == 0 && kernel.StackBytes == 0, $"sm_{architecture}: {kernel} spills");
            Assert.True(kernel.Registers <= ceiling.Registers && kernel.SharedBytes <= ceiling.Shared, $"sm_{architecture}: {kernel} passes {ceiling}");
        }
    }

    [NvrtcTheory]
    [MemberData(nameof(Cases))]
    public void Ptx_EachArchitecture_StaysInsideTheEmulatorsInventory(string file, int architecture)
    {
        CompiledKernel code = new KernelCompiler(() => NvrtcForTests.Library, CacheFolder).Compile(KernelSource.Load(file), architecture);
        using EmulatedDevice device = new();
        Assert.Equal(code.Resources.Count, device.Load(code.Ptx).Kernels.Count);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Card_IsComplete_AndItsTestExists(string file)
    {
        KernelCard card = KernelSource.Load(file).Card();
        Assert.Equal(70, card.SmallestArchitecture);
        Assert.Contains(typeof(KernelGateTests).Assembly.GetTypes(), type => type.Name == card["test"][^1]);
    }

    private static Dictionary<string, (int Registers, int Shared)> ReadCeilings()
        => File.ReadLines(Path.Combine(Repository.Root, "kernels", "ceilings.txt"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(words => words[0], words => (Number(words[1]), Number(words[2])));

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
