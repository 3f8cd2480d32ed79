using Clouds.Cli.Diagnosis;
using Clouds.Runtime.Native;
using Clouds.Tests.Runtime.Native;

namespace Clouds.Tests.Cli.Diagnosis;

[Kind(TestKind.Fast)]
public sealed class CudaLibraryCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Examine_NothingIsInstalled_EachLibraryHasItsSentenceAndItsCommand(bool driver)
    {
        CudaLibraries nothing = new([.. CudaLibrary.All.Select(library => (library, Tried($"libclouds-nowhere-{library.File}")))]);
        Finding[] findings = [.. new CudaLibraryCheck(() => nothing, () => driver).Examine()];
        Assert.Equal(CudaLibrary.All.Select(library => library.File), findings.Select(finding => finding.Subject));
        Assert.Equal(findings.Length, findings.Select(finding => finding.Value).Distinct().Count());
        Assert.All(findings.Zip(CudaLibrary.All), pair =>
        {
            (Finding finding, CudaLibrary library) = pair;
            string install = $"apt-get install {library.Debian} (NVIDIA's repository), or pip install --user '{library.Python}'";
            Assert.Equal(driver ? FindingState.Warning : FindingState.Absent, finding.State);
            Assert.StartsWith($"cannot be opened ({library.Purpose}): libclouds-nowhere-{library.File}: cannot open", finding.Value);
            Assert.Equal(driver ? install : $"needed for --device cuda only: {install}", finding.Next);
        });
    }

    [FakeLibraryFact]
    public void Examine_LibraryIsThere_TellsVersionAndPlace()
    {
        CudaLibrary library = new("libclouds-doctor.so.13", "a test", "doctorGetProperty", "none", "none");
        FakeLibrary.Tells(_folder[$".local/lib/python3.12/site-packages/nvidia/cu13/lib/{library.File}"], library.Probe, 13);
        LibrarySearch search = library.Search(new CudaFolders(name => name == "HOME" ? _folder.Path : null, _folder["nowhere"]));
        Finding finding = Assert.Single(new CudaLibraryCheck(() => new CudaLibraries([(library, search)]), () => true).Examine());
        Assert.Equal((FindingState.Good, null), (finding.State, finding.Next));
        Assert.StartsWith("13.1.2, ", finding.Value);
        Assert.EndsWith($"nvidia/cu13/lib/{library.File}", finding.Value);
    }

    [Fact]
    public void Examine_OnlyAnOlderCuda_SaysWhatToInstallBesideIt()
    {
        Finding finding = Assert.Single(new CudaLibraryCheck(() => new CudaLibraries([], "libcudart.so.12"), () => true).Examine());
        Assert.Equal(("CUDA version", FindingState.Warning), (finding.Subject, finding.State));
        Assert.Equal("libcudart.so.12 is here; ONNX Runtime's provider wants CUDA 13", finding.Value);
        Assert.Contains(CudaLibraries.PipCommand, finding.Next);
    }

    private static LibrarySearch Tried(string name)
    {
        LibrarySearch search = new("a library");
        Assert.False(search.TryLoad(name, out _));
        return search;
    }
}
