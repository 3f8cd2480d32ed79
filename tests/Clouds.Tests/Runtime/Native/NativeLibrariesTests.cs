using System.Runtime.InteropServices;
using Clouds.Diagnostics;
using Clouds.Runtime.Native;

namespace Clouds.Tests.Runtime.Native;

[Kind(TestKind.Fast)]
public class NativeLibrariesTests
{
    [Theory]
    [InlineData("libonnxruntime.so", "OrtGetApiBase")]
    [InlineData("libvips.so.42", "vips_init")]
    public void Load_LibraryBesideTheApplication_HasItsEntryPoint(string fileName, string entryPoint)
    {
        nint library = NativeLibraries.Load(fileName);

        Assert.True(NativeLibrary.TryGetExport(library, entryPoint, out _));
    }

    [Fact]
    public void Load_SystemLibrary_IsFoundByItsBareName()
        => Assert.NotEqual(0, NativeLibraries.Load("libc.so.6"));

    [Fact]
    public void Load_MissingLibrary_ListsEveryPlaceTried()
    {
        CloudsException failure = Assert.Throws<CloudsException>(() => NativeLibraries.Load("libnowhere.so.7"));

        Assert.Equal(Failure.Device, failure.Failure);
        Assert.Equal("libnowhere.so.7", failure.Where);
        Assert.Contains(Path.Combine(AppContext.BaseDirectory, "libnowhere.so.7") + ": cannot open", failure.Message);
        Assert.Contains("libnowhere.so.7: ", failure.Message);
        Assert.NotNull(failure.Next);
    }

    [Fact]
    public void Load_FileThatIsNoLibrary_GivesTheLoadersReason()
    {
        string name = $"not-a-library-{Environment.ProcessId}.so";
        string path = Path.Combine(AppContext.BaseDirectory, name);
        File.WriteAllText(path, "plain text");
        try
        {
            CloudsException failure = Assert.Throws<CloudsException>(() => NativeLibraries.Load(name));

            Assert.Contains(path + ": ", failure.Message);
            Assert.DoesNotContain(path + ": cannot open", failure.Message);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
