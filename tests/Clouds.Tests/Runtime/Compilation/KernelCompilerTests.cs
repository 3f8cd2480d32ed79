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
    public void Compile_Twice_ReadsTheFolderTheSecondTimeAlsoWithoutACompiler()
    {
        using TemporaryFolder folder = new();
        CompiledKernel first = new KernelCompiler(() => NvrtcForTests.Library, folder.Path).Compile(KernelSource.Load("ema.cu"), 75);
        string log = Directory.GetFiles(folder.Path, "*.log").Single();
        Assert.EndsWith($"-nvrtc{NvrtcForTests.Library.VersionText}.log", log);
        File.AppendAllText(log, "read from here");
        Assert.All([() => NvrtcForTests.Library, None], compiler =>
        {
            CompiledKernel second = new KernelCompiler(compiler, folder.Path).Compile(KernelSource.Load("ema.cu"), 75);
            Assert.Equal(first.Ptx, second.Ptx);
            Assert.Equal(first.Cubin, second.Cubin);
            Assert.Equal(first.Resources, second.Resources);
            Assert.EndsWith("read from here", second.Log);
        });
        Assert.DoesNotContain(Directory.GetFiles(folder.Path), file => file.EndsWith(".tmp"));
    }

    [NvrtcFact]
    public void Compile_FolderHasAnotherVersionsCode_CompilesAnewAndKeepsBoth()
    {
        using TemporaryFolder folder = new();
        KernelCompiler compiler = new(() => NvrtcForTests.Library, folder.Path);
        CompiledKernel own = compiler.Compile(KernelSource.Load("ema.cu"), 75);
        foreach (string file in Directory.GetFiles(folder.Path))
        {
            File.Copy(file, file.Replace($"-nvrtc{NvrtcForTests.Library.VersionText}", "-nvrtc99.10"));
            File.Move(file, file.Replace($"-nvrtc{NvrtcForTests.Library.VersionText}", "-nvrtc99.9"));
        }

        File.AppendAllText(Directory.GetFiles(folder.Path, "*-nvrtc99.10.log").Single(), "the newest");
        Assert.EndsWith("the newest", new KernelCompiler(None, folder.Path).Compile(KernelSource.Load("ema.cu"), 75).Log);
        Assert.Equal(own.Log, compiler.Compile(KernelSource.Load("ema.cu"), 75).Log);
        Assert.Equal(3, Directory.GetFiles(folder.Path, "*.log").Length);
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

    private static Nvrtc None() => throw new CloudsException(Failure.Device, "there is no compiler");
}
