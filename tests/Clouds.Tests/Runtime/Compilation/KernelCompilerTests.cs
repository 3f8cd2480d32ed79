using Clouds.Diagnostics;
using Clouds.Runtime.Compilation;
using Clouds.Runtime.Native;

namespace Clouds.Tests.Runtime.Compilation;

[Kind(TestKind.Emulated)]
public class KernelCompilerTests
{
    [Fact]
    public void Nvrtc_Absent_ListsWhatWasTried()
    {
        using TemporaryFolder folder = new();
        CloudsException failure = Assert.Throws<CloudsException>(() => Nvrtc.Load(folder.Path));
        Assert.Equal(Failure.Device, failure.Failure);
        Assert.Contains(Path.Combine(folder.Path, "libnvrtc.so"), failure.Message);
        Assert.Contains(Nvrtc.PathVariable, failure.Next);
    }

    [NvrtcFact]
    public void Compile_BrokenSource_GivesTheCompilersLog()
    {
        string card = KernelSource.Load("ema.cu").Text;
        CloudsException failure = Assert.Throws<CloudsException>(() => new KernelCompiler(() => NvrtcForTests.Library, null)
            .Compile(new KernelSource("ema.cu", card.Replace("fmaf", "no_such_function")), 80));
        Assert.Contains("no_such_function", failure.Message);
        Assert.Equal("ema.cu", failure.Where);
    }

    [NvrtcFact]
    public void Compile_Twice_ReadsTheFolderTheSecondTime()
    {
        using TemporaryFolder folder = new();
        CompiledKernel first = new KernelCompiler(() => NvrtcForTests.Library, folder.Path).Compile(KernelSource.Load("ema.cu"), 75);
        CompiledKernel second = new KernelCompiler(() => throw new InvalidOperationException("asked again"), folder.Path)
            .Compile(KernelSource.Load("ema.cu"), 75);
        Assert.Equal(first.Ptx, second.Ptx);
        Assert.Equal(first.Cubin, second.Cubin);
        Assert.Equal(first.Resources, second.Resources);
        Assert.DoesNotContain(Directory.GetFiles(folder.Path), file => file.EndsWith(".tmp"));
    }

    [NvrtcFact]
    public void Compile_ArchitectureTheCompilerDoesNotKnow_GetsPtxOfTheHighestBelow()
    {
        CompiledKernel code = new KernelCompiler(() => NvrtcForTests.Library, null).Compile(KernelSource.Load("ema.cu"), 200);
        Assert.Empty(code.Cubin);
        Assert.Contains(".target sm_", code.Ptx);
    }

    [Fact]
    public void Compile_ArchitectureBelowTheCards_IsRefused()
        => Assert.Contains("sm_70",
            Assert.Throws<CloudsException>(() => new KernelCompiler(() => NvrtcForTests.Library, null).Compile(KernelSource.Load("ema.cu"), 60)).Message);

    [Fact]
    public void Card_FieldsMissing_AreNamedTogether()
    {
        CloudsException failure =
            Assert.Throws<CloudsException>(() => KernelCard.Parse("a.cu", "// a.cu — nothing\n// in    x f32 [n]\n// grid  n     block 32\n"));
        Assert.Contains("out, why, shared, sm, bytes, order, twin, test, bench", failure.Message);
    }
}
