using Clouds.Emulator.Memory;

namespace Clouds.Tests.Emulator.Memory;

[Kind(TestKind.Fast)]
public unsafe class DeviceMemoryTests
{
    [Fact]
    public void Free_SeveralPages_GivesThemBackToTheSystem()
    {
        const int Bytes = 1 << 20;
        using DeviceMemory memory = new(1 << 30, ordinal: 0);
        ulong address = memory.Allocate(Bytes);
        byte* middle = memory.Bytes(address + (Bytes / 2));
        *middle = 7;
        memory.MarkWritten(address, Bytes);
        Assert.True(memory.Free(address));

        // A page that the system has taken back reads as zero.
        Assert.Equal((0, 0), (*middle, *memory.Written(address + (Bytes / 2))));
    }

    [Fact]
    public void Free_NeighbourOnTheSamePage_KeepsItsContents()
    {
        using DeviceMemory memory = new(1 << 30, ordinal: 0);
        ulong first = memory.Allocate(100), second = memory.Allocate(100);
        *memory.Bytes(second) = 7;
        memory.Free(first);
        Assert.Equal(7, *memory.Bytes(second));
    }
}
