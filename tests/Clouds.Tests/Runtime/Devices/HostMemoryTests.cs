using Clouds.Runtime.Devices;

namespace Clouds.Tests.Runtime.Devices;

[Kind(TestKind.Fast)]
public sealed class HostMemoryTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Read_NoControlGroup_IsTheMachines()
    {
        Machine("0::/\n");
        Assert.Equal(new HostMemory(8L << 20, 16L << 20), HostMemory.Read(_root.Path));
    }

    [Fact]
    public void Read_GroupOfVersion2_CountsFilesInMemoryAsFree()
    {
        Machine("0::/app/run\n");
        Group("sys/fs/cgroup/app/run", ("memory.max", "4194304\n"), ("memory.current", "3000000\n"), ("memory.stat", "anon 5\ninactive_file 1000000\n"));
        Assert.Equal(new HostMemory(2_194_304, 4_194_304), HostMemory.Read(_root.Path));
    }

    [Fact]
    public void Read_GroupAbove_BindsToo()
    {
        Machine("0::/app/run\n");
        Group("sys/fs/cgroup/app", ("memory.max", "1048576\n"), ("memory.current", "0\n"));
        Group("sys/fs/cgroup/app/run", ("memory.max", "max\n"), ("memory.current", "7\n"));
        Assert.Equal(new HostMemory(1_048_576, 1_048_576), HostMemory.Read(_root.Path));
    }

    // In a container the group's path is that of the host; the container's own limit stands at the root.
    [Theory]
    [InlineData("4:memory:/docker/abc\n0::/\n")]
    [InlineData("3:cpu:/\n4:cpu,memory:/docker/abc\n")]
    public void Read_GroupOfVersion1InAContainer_IsFoundAtItsRoot(string groups)
    {
        Machine(groups);
        Group("sys/fs/cgroup/memory", ("memory.limit_in_bytes", "2097152\n"), ("memory.usage_in_bytes", "97152\n"), ("memory.stat", "total_inactive_file 0\n"));
        Assert.Equal(new HostMemory(2_000_000, 2_097_152), HostMemory.Read(_root.Path));
    }

    [Fact]
    public void Read_LimitThatIsNone_IsTheMachines()
    {
        Machine("4:memory:/\n");
        Group("sys/fs/cgroup/memory", ("memory.limit_in_bytes", "9223372036854771712\n"), ("memory.usage_in_bytes", "5\n"));
        Assert.Equal(16L << 20, HostMemory.Read(_root.Path).Total);
    }

    [Fact]
    public void Now_ThisMachine_HasSome()
    {
        Assert.InRange(HostMemory.Now.Total, 100L << 20, long.MaxValue);
        Assert.InRange(HostMemory.Now.Free, 1, HostMemory.Now.Total);
    }

    private void Machine(string groups)
    {
        File.WriteAllText(_root["proc/meminfo"], "MemTotal:       16384 kB\nMemFree:          100 kB\nMemAvailable:    8192 kB\n");
        File.WriteAllText(_root["proc/self/cgroup"], groups);
    }

    private void Group(string folder, params (string Name, string Text)[] files) =>
        Array.ForEach(files, file => File.WriteAllText(_root[$"{folder}/{file.Name}"], file.Text));
}
