using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Clouds.Emulator.Execution;
using Clouds.Emulator.Ptx;

namespace Clouds.Emulator.Driver;

/// <summary>Modules, functions and launches.</summary>
public static unsafe partial class EmulatedDriver
{
    [UnmanagedCallersOnly(EntryPoint = "cuModuleLoadDataEx")]
    private static int CuModuleLoadDataEx(nint* module, byte* image, uint count, int* options, nint* values) => Call("cuModuleLoadDataEx", gpu =>
    {
        // A cubin is machine code of a real GPU.
        if (image[0] == 0x7F && image[1] == (byte)'E')
        {
            return NoBinary;
        }

        try
        {
            string ptx = Text(image);
            return PtxIsa(ptx) > NewestIsa(gpu.Driver.Version) ? UnsupportedPtxVersion : Set(module, gpu.Add(gpu.Device.Load(ptx)));
        }
        catch (EmulatorFault fault)
        {
            gpu.Driver.LastFault = fault;
            ErrorLog(fault.Message, count, options, values);
            return InvalidPtx;
        }
    });

    [UnmanagedCallersOnly(EntryPoint = "cuModuleUnload")]
    private static int CuModuleUnload(nint module) => Call("cuModuleUnload", gpu =>
    {
        if (gpu.Get<PtxModule>(module) is not { } loaded)
        {
            return InvalidHandle;
        }

        foreach (PtxVariable variable in loaded.Globals)
        {
            gpu.Device.Free((ulong)variable.Address);
        }

        gpu.Remove(module);
        return Success;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuModuleGetFunction")]
    private static int CuModuleGetFunction(nint* function, nint module, byte* name) => Call("cuModuleGetFunction", gpu =>
        gpu.Get<PtxModule>(module) is { } loaded
            ? loaded.Kernels.TryGetValue(Text(name), out KernelCode? kernel) ? Set(function, gpu.Add(new DriverFunction(kernel))) : NotFound
            : InvalidHandle);

    [UnmanagedCallersOnly(EntryPoint = "cuModuleGetGlobal_v2")]
    private static int CuModuleGetGlobal(ulong* address, nuint* bytes, nint module, byte* name) => Call("cuModuleGetGlobal_v2", gpu =>
    {
        PtxVariable? variable = gpu.Get<PtxModule>(module)?.Globals.FirstOrDefault(global => global.Name == Text(name));
        if (variable is null)
        {
            return NotFound;
        }

        *address = (ulong)variable.Address;
        *bytes = (nuint)variable.Bytes;
        return Success;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuFuncGetAttribute")]
    private static int CuFuncGetAttribute(int* value, int attribute, nint function) => Call("cuFuncGetAttribute", gpu =>
        gpu.Get<DriverFunction>(function) is { } found
            ? Set(value, attribute switch
            {
                0 => found.Kernel.MaxThreads,
                1 => found.Kernel.StaticShared,
                3 => found.Kernel.LocalBytes,
                5 => 78,
                6 => gpu.Device.Settings.Architecture,
                8 => found.DynamicLimit,
                _ => 0,
            })
            : InvalidHandle);

    [UnmanagedCallersOnly(EntryPoint = "cuFuncSetAttribute")]
    private static int CuFuncSetAttribute(nint function, int attribute, int value) => Call("cuFuncSetAttribute", gpu =>
    {
        const int MaxDynamicShared = 8;
        if (gpu.Get<DriverFunction>(function) is not { } found)
        {
            return InvalidHandle;
        }

        if (attribute != MaxDynamicShared || value < 0 || value + found.Kernel.StaticShared > 163 * 1024)
        {
            return InvalidValue;
        }

        found.DynamicLimit = value;
        return Success;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuOccupancyMaxActiveBlocksPerMultiprocessor")]
    private static int CuOccupancy(int* blocks, nint function, int threads, nuint shared) => Call("cuOccupancyMaxActiveBlocksPerMultiprocessor", gpu =>
        gpu.Get<DriverFunction>(function) is { } found && threads > 0
            ? Set(blocks, Math.Min(2048 / threads, (163 * 1024) / Math.Max(1, found.Kernel.StaticShared + (int)shared)))
            : InvalidHandle);

    [UnmanagedCallersOnly(EntryPoint = "cuLaunchKernel")]
    private static int CuLaunchKernel(nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY,
        uint blockZ, uint shared, nint stream, nint* parameters, nint* extra) => Call("cuLaunchKernel", gpu =>
    {
        if (gpu.Get<DriverFunction>(function) is not { } found || Stream(gpu, stream) != Success)
        {
            return InvalidHandle;
        }

        if (shared > found.DynamicLimit || (parameters is null && found.Kernel.Parameters.Length > 0))
        {
            return InvalidValue;
        }

        byte[] block = new byte[found.Kernel.ParameterBytes];
        for (int i = 0; i < found.Kernel.Parameters.Length; i++)
        {
            KernelParameter parameter = found.Kernel.Parameters[i];
            new ReadOnlySpan<byte>((void*)parameters[i], parameter.Bytes).CopyTo(block.AsSpan(parameter.Offset));
        }

        LaunchGeometry geometry = new(new Dim3((int)gridX, (int)gridY, (int)gridZ), new Dim3((int)blockX, (int)blockY, (int)blockZ), (int)shared);
        return Launch(gpu, found.Kernel, geometry, block);
    });

    // As on a GPU, a kernel's own faults surface at the next call, and stay.
    private static int Launch(DriverGpu gpu, KernelCode kernel, LaunchGeometry geometry, byte[] parameters)
    {
        gpu.Driver.Traffic.Launches++;
        try
        {
            gpu.Device.Launch(kernel, geometry, parameters);
        }
        catch (EmulatorFault fault) when (fault.Kind != FaultKind.BadLaunch)
        {
            gpu.Driver.LastFault = fault;
            gpu.Sticky = fault.Kind switch
            {
                FaultKind.OutOfBounds => IllegalAddress,
                FaultKind.Misaligned => MisalignedAddress,
                FaultKind.Timeout or FaultKind.Deadlock => LaunchTimeout,
                _ => LaunchFailed,
            };
            if (gpu.Driver.Reports)
            {
                Console.Error.WriteLine($"emulator: {fault.Message}");
            }
        }

        return Success;
    }

    /// <summary>Version in a PTX text, times ten; 0 where it has none.</summary>
    private static int PtxIsa(string ptx)
    {
        Match version = PtxVersion().Match(ptx);
        return version.Success
            ? (10 * int.Parse(version.Groups[1].ValueSpan, CultureInfo.InvariantCulture)) + int.Parse(version.Groups[2].ValueSpan, CultureInfo.InvariantCulture)
            : 0;
    }

    // PTX 7.0 came with CUDA 11.0, 8.0 with 12.0, 9.0 with 13.0; 12.6 had no version of its own.
    private static int NewestIsa(int cuda)
    {
        int minor = cuda / 10 % 100;
        return (10 * ((cuda / 1000) - 4)) + (cuda is >= 12_060 and < 13_000 ? minor - 1 : minor);
    }

    [GeneratedRegex(@"^\s*\.version\s+(\d+)\.(\d+)", RegexOptions.Multiline)]
    private static partial Regex PtxVersion();

    private static string Text(byte* text) => Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));

    private static void ErrorLog(string message, uint count, int* options, nint* values)
    {
        const int ErrorLogBuffer = 5;
        const int ErrorLogBytes = 6;
        nint buffer = 0;
        nint length = 0;
        for (uint i = 0; i < count; i++)
        {
            buffer = options[i] == ErrorLogBuffer ? values[i] : buffer;
            length = options[i] == ErrorLogBytes ? values[i] : length;
        }

        if (buffer != 0)
        {
            Text(message, (byte*)buffer, (int)length);
        }
    }
}
