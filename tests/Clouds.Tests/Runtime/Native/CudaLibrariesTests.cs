using Clouds.Diagnostics;
using Clouds.Runtime.Native;

namespace Clouds.Tests.Runtime.Native;

[Kind(TestKind.Fast)]
public sealed class CudaLibrariesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Files => [.. CudaLibrary.All.Select(library => library.File)];

    public void Dispose() => _folder.Dispose();

    [FakeLibraryFact]
    public void Search_LibraryOfAPythonPackage_IsOpenedAndTellsItsVersion()
    {
        CudaLibrary library = Made("libclouds-parts.so.7", "partsGetProperty");
        FakeLibrary.Tells(_folder[$"home/.local/lib/python3.12/site-packages/nvidia/cu13/lib/{library.File}"], library.Probe, 13);
        LibrarySearch search = library.Search(Folders());
        Assert.True(search.IsLoaded);
        Assert.Equal("13.1.2", search.Version);
        Assert.EndsWith($"nvidia/cu13/lib/{library.File}", search.File);
    }

    [FakeLibraryFact]
    public void Search_LibraryThatTellsOneNumber_GivesItInWords()
    {
        CudaLibrary library = Made("libclouds-number.so.7", "numberGetVersion");
        FakeLibrary.Tells(_folder[$"root/usr/local/cuda-13.0/lib64/{library.File}"], library.Probe, 13_010);
        Assert.Equal("13.1", library.Search(Folders()).Version);
    }

    [Fact]
    public void Search_FileThatIsNoLibrary_GivesTheLoadersReason()
    {
        CudaLibrary library = Made("libclouds-text.so.7", "nothing");
        File.WriteAllText(_folder[$"root/usr/local/cuda-13.0/lib64/{library.File}"], "not a library");
        LibrarySearch search = library.Search(Folders());
        Assert.False(search.IsLoaded);
        Assert.Contains(search.Trace, line => line.StartsWith(_folder["root/usr/local/cuda-13.0"], StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Require_OneIsMissing_NamesItAndHowToInstallIt(string file)
    {
        CudaLibrary missing = CudaLibrary.All.Single(library => library.File == file);
        LibrarySearch there = new("the C library");
        Assert.True(there.TryLoad("libc.so.6", out _));
        CudaLibraries libraries = new([.. CudaLibrary.All.Select(library => (library, library == missing ? new LibrarySearch(library.Purpose) : there))]);
        CloudsException failure = Assert.Throws<CloudsException>(libraries.Require);
        Assert.Equal(Failure.Device, failure.Failure);
        Assert.Equal($"{file} ({missing.Purpose}) cannot be opened", failure.What);
        Assert.Equal(
            $"apt-get install {missing.Debian} (NVIDIA's repository), or pip install --user '{missing.Python}'; ComputeDevice.Cpu needs none", failure.Next);
    }

    [Fact]
    public void Require_AllAreThere_SaysNothing()
    {
        LibrarySearch there = new("the C library");
        Assert.True(there.TryLoad("libc.so.6", out _));
        Assert.Null(Record.Exception(new CudaLibraries([.. CudaLibrary.All.Select(library => (library, there))]).Require));
    }

    [Fact]
    public void Folders_OfEveryKind_ComeFromTheShellToTheSystem()
    {
        string[] expected =
        [
            "path",
            "venv/lib/python3.13/site-packages/nvidia/cudnn/lib",
            "conda/lib",
            "conda/lib/python3.12/site-packages/nvidia/cu13/lib",
            "home/.local/lib/python3.12/site-packages/nvidia/cudnn/lib",
            "home/.local/lib/python3.12/site-packages/nvidia/cu13/lib",
            "root/usr/local/lib/python3.11/site-packages/nvidia/cu13/lib",
            "root/usr/local/lib/python3.11/dist-packages/nvidia/cu13/lib",
            "root/usr/lib/python3/dist-packages/nvidia/cu13/lib",
            "root/usr/local/cuda-13.0/lib64",
            "root/usr/local/cuda-12.4/lib64",
            "root/usr/lib/x86_64-linux-gnu",
        ];
        Array.ForEach(expected, folder => Directory.CreateDirectory(_folder[folder]));
        Assert.Equal(expected.Select(folder => _folder[folder]), Folders().All);
    }

    [Fact]
    public void Folders_NothingIsSetOrThere_AreNone() => Assert.Empty(new CudaFolders(_ => null, _folder["empty"]).All);

    private static CudaLibrary Made(string file, string probe) => new(file, "a test", probe, "none", "none");

    private CudaFolders Folders() => new(
        name => name switch
        {
            "LD_LIBRARY_PATH" => $"{_folder["path"]}:{_folder["nowhere"]}",
            "VIRTUAL_ENV" => _folder["venv"],
            "CONDA_PREFIX" => _folder["conda"],
            "HOME" => _folder["home"],
            _ => null,
        },
        _folder["root"]);
}
