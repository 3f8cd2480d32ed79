using System.Text.Json;
using Clouds.Tests.Cli.Commands;
using Clouds.Tests.Published;

namespace Clouds.Tests.Cuda;

/// <summary>What `clouds doctor` says where one of the libraries is not installed; in a process of its own, since none can be unloaded.</summary>
[Kind(TestKind.Gpu)]
[Collection(CudaStandIn.Collection)]
public class MissingLibraryTests
{
    private static readonly string Executable = Path.Combine(Repository.Root, "artifacts/cuda/bin/Clouds.Cli/release_linux-x64/clouds");

    [CudaTheory(CudaNeeds.StandIn)]
    [InlineData("libcudart.so.13", "libcudart.so.13 (")]
    [InlineData("libcublas.so.13", "libcublas.so.13 (")]
    [InlineData("libcublasLt.so.13", "libcublasLt.so.13 (")]
    [InlineData("libcurand.so.10", "libcurand.so.10 (")]
    [InlineData("libcudnn.so.9", "libcudnn.so.9 (")]
    [InlineData("libcuda.so.1", "the NVIDIA driver (libcuda) cannot be loaded")]
    public void Doctor_OneLibraryIsMissing_NamesIt(string missing, string sentence)
    {
        using TemporaryFolder libraries = new();
        foreach (string library in Directory.GetFiles(CudaStandIn.Folder!).Where(path => Path.GetFileName(path) != missing))
        {
            File.CreateSymbolicLink(libraries[Path.GetFileName(library)], library);
        }

        CommandLineRun run = PublishedClouds.Run(Executable, [("LD_LIBRARY_PATH", libraries.Path)], ["doctor", "--json"]);
        Assert.True(run.ExitCode == 0, run.Error);
        JsonElement line = JsonDocument.Parse(run.Out).RootElement.EnumerateArray().Single(found => found.GetProperty("subject").GetString() == "device cuda");
        Assert.Equal(missing == "libcuda.so.1" ? "absent" : "warning", line.GetProperty("state").GetString());
        Assert.StartsWith(sentence, line.GetProperty("value").GetString());
    }
}
