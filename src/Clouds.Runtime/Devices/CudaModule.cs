using System.Text;
using Clouds.Runtime.Native;

namespace Clouds.Runtime.Devices;

/// <summary>Code loaded onto a device. Dispose it after the last launch.</summary>
public sealed unsafe class CudaModule : IDisposable
{
    private const int LogBytes = 4096;
    private readonly CudaContext _context;
    private nint _handle;

    private CudaModule(CudaContext context, nint handle) => (_context, _handle) = (context, handle);

    /// <summary>Loads machine code where it fits this device, PTX otherwise.</summary>
    /// <param name="context">Device.</param>
    /// <param name="name">For messages.</param>
    /// <param name="cubin">Machine code; may be empty.</param>
    /// <param name="ptx">Portable code.</param>
    public static CudaModule Load(CudaContext context, string name, byte[] cubin, string ptx)
    {
        context.MakeCurrent();
        int status = CudaDriver.NoBinaryForGpu;
        nint handle = 0;
        string log = "";
        if (cubin.Length > 0)
        {
            status = TryLoad(context, cubin, out handle, out log);
        }

        if (status is CudaDriver.NoBinaryForGpu or CudaDriver.InvalidImage)
        {
            status = TryLoad(context, [.. Encoding.UTF8.GetBytes(ptx), 0], out handle, out log);
        }

        return status == 0 ? new CudaModule(context, handle) : throw context.Driver.Failed(status, $"cuModuleLoadDataEx({name})", log);
    }

    /// <summary>An entry point of the code.</summary>
    public CudaFunction Function(string name)
    {
        nint function;
        using Utf8Strings text = new([name]);
        _context.MakeCurrent();
        _context.Driver.Check(_context.Driver.cuModuleGetFunction(&function, _handle, (byte*)text[0]), $"cuModuleGetFunction({name})");
        return new CudaFunction(_context, function, name);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle != 0)
        {
            _context.MakeCurrent();
            _context.Driver.CheckRelease(_context.Driver.cuModuleUnload(_handle));
            _handle = 0;
        }
    }

    private static int TryLoad(CudaContext context, byte[] image, out nint handle, out string log)
    {
        const int ErrorLogBuffer = 5;
        const int ErrorLogBytes = 6;
        byte* text = stackalloc byte[LogBytes];
        new Span<byte>(text, LogBytes).Clear();
        int* options = stackalloc int[] { ErrorLogBuffer, ErrorLogBytes };
        nint* values = stackalloc nint[] { (nint)text, LogBytes };
        nint module = 0;
        int status;
        fixed (byte* first = image)
        {
            status = context.Driver.cuModuleLoadDataEx(&module, first, 2, options, values);
        }

        handle = module;
        log = Encoding.UTF8.GetString(System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
        return status;
    }
}

/// <summary>A kernel on a device; lives as long as its module.</summary>
public sealed unsafe class CudaFunction(CudaContext context, nint handle, string name)
{
    private const int MaxDynamicShared = 8;
    private const uint DefaultShared = 48 * 1024;
    private uint _allowed = DefaultShared;

    /// <summary>The driver's handle.</summary>
    public nint Handle => handle;

    /// <summary>Entry name.</summary>
    public string Name => name;

    /// <summary>Opts in to more dynamic shared memory than every device gives by itself.</summary>
    public void Allow(uint sharedBytes)
    {
        if (sharedBytes > _allowed)
        {
            context.Driver.Check(
                context.Driver.cuFuncSetAttribute(handle, MaxDynamicShared, (int)sharedBytes), $"cuFuncSetAttribute({name}, {sharedBytes} shared bytes)");
            _allowed = sharedBytes;
        }
    }
}
