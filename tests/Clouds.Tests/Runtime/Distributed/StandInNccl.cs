using System.Runtime.InteropServices;
using Clouds.Emulator;
using Clouds.Runtime.Native;
using Clouds.Tests.Runtime.Native;

namespace Clouds.Tests.Runtime.Distributed;

/// <summary>NCCL's stand-in (tools/Clouds.CudaStandIn/nccl.c) over the memory of an emulated GPU; what it moves is in no counter of the driver.</summary>
internal static unsafe class StandInNccl
{
    private const int Version = 22_703;
    private static EmulatedDevice? _device;

    /// <summary>Why there is none; null where there can be.</summary>
    public static string? Absent => FakeLibrary.Absent ?? Mpirun.Absent;

    /// <summary>Compiles it, and opens it for the memory of a GPU; another version is told where it is given.</summary>
    public static Nccl Open(string folder, EmulatedDevice device, int version = Version)
    {
        string file = Path.Combine(folder, "libnccl.so.2");
        string source = File.ReadAllText(Path.Combine(Repository.Root, "tools", "Clouds.CudaStandIn", "nccl.c"));
        FakeLibrary.Compile(file, source.Replace($"{Version}", $"{version}", StringComparison.Ordinal));
        _device = device;
        var memory = (delegate* unmanaged<delegate* unmanaged<ulong, float*, nuint, void>, delegate* unmanaged<ulong, float*, nuint, void>, void>)
            NativeLibrary.GetExport(NativeLibrary.Load(file), "standin_memory");
        memory(&Read, &Write);
        return Nccl.Load(folder);
    }

    [UnmanagedCallersOnly]
    private static void Read(ulong address, float* values, nuint count) => _device!.Read(address, new Span<float>(values, (int)count));

    [UnmanagedCallersOnly]
    private static void Write(ulong address, float* values, nuint count) => _device!.Write<float>(address, new ReadOnlySpan<float>(values, (int)count));
}
