using Clouds.Runtime.Native;

namespace Clouds.Tests.Runtime.Native;

[Kind(TestKind.Fast)]
public class MemoryFileTests
{
    [Fact]
    public void Write_TwoFiles_EachHasItsBytesUnderItsPath()
    {
        string first = MemoryFile.Write("first", [1, 2, 3]);
        string second = MemoryFile.Write("second", [4]);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(first));
        Assert.Equal([4], File.ReadAllBytes(second));
    }
}
