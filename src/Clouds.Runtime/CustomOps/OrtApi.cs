using System.Runtime.InteropServices;
using System.Text;
using Clouds.Diagnostics;
using Clouds.Runtime.Native;
using Clouds.Runtime.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace Clouds.Runtime.CustomOps;

/// <summary>
/// The part of ONNX Runtime's C interface that its C# classes keep to themselves: the function table by index. The table only ever
/// grows at its end, so an index is as stable as a name.
/// </summary>
internal static unsafe class OrtApi
{
    /// <summary>Version of the table that is asked for, and of the custom op structs.</summary>
    public const uint Version = 29;

    private static readonly nint* Table = Open();

    /// <summary>Makes an error status of a message; ONNX Runtime frees it.</summary>
    public static nint CreateStatus(string message)
    {
        const int Fail = 1;
        byte[] text = Encoding.UTF8.GetBytes(message + '\0');
        fixed (byte* pointer = text)
        {
            return ((delegate* unmanaged<int, byte*, nint>)Table[0])(Fail, pointer);
        }
    }

    /// <summary>Throws where a call returned an error status, with its text; frees the status.</summary>
    public static void Check(nint status)
    {
        if (status != 0)
        {
            string message = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)Table[2])(status)) ?? "unknown error";
            ((delegate* unmanaged<nint, void>)Table[93])(status);
            throw new CloudsException(Failure.Device, $"ONNX Runtime: {message}");
        }
    }

    /// <summary>A custom op domain; lives until the process ends.</summary>
    public static nint CreateDomain(byte* name)
    {
        nint domain;
        Check(((delegate* unmanaged<byte*, nint*, nint>)Table[26])(name, &domain));
        return domain;
    }

    /// <summary>Adds an op struct to a domain.</summary>
    public static void AddOp(nint domain, void* op) => Check(((delegate* unmanaged<nint, void*, nint>)Table[27])(domain, op));

    /// <summary>Gives external data of a model from memory, which the sessions of <paramref name="options"/> read.</summary>
    /// <param name="options">Options of the sessions.</param>
    /// <param name="name">Name of the file as the model has it.</param>
    /// <param name="address">Its first byte.</param>
    /// <param name="bytes">Its length.</param>
    public static void AddExternalFile(SessionOptions options, string name, nint address, long bytes)
    {
        nuint length = (nuint)bytes;
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            byte* first = text;
            Check(((delegate* unmanaged<nint, byte**, nint*, nuint*, nuint, nint>)Table[279])(options.DangerousGetHandle(), &first, &address, &length, 1));
        }

        GC.KeepAlive(options);
    }

    /// <summary>Lets kernels of a GPU choose their faster ways only where these give the same bits in every run.</summary>
    public static void RequireDeterminism(SessionOptions options)
    {
        Check(((delegate* unmanaged<nint, byte, nint>)Table[273])(options.DangerousGetHandle(), 1));
        GC.KeepAlive(options);
    }

    /// <summary>Makes a domain's ops known to the sessions of <paramref name="options"/>.</summary>
    public static void AddDomain(SessionOptions options, nint domain)
    {
        bool held = false;
        try
        {
            options.DangerousAddRef(ref held);
            Check(((delegate* unmanaged<nint, nint, nint>)Table[28])(options.DangerousGetHandle(), domain));
        }
        finally
        {
            if (held)
            {
                options.DangerousRelease();
            }
        }
    }

    /// <summary>Address of a tensor's first element.</summary>
    public static void* Data(nint value)
    {
        void* data;
        Check(((delegate* unmanaged<nint, void**, nint>)Table[51])(value, &data));
        return data;
    }

    /// <summary>A tensor's element type and dimensions.</summary>
    public static (ElementType Type, long[] Shape) Describe(nint value)
    {
        nint info;
        Check(((delegate* unmanaged<nint, nint*, nint>)Table[65])(value, &info));
        try
        {
            int type;
            nuint rank;
            Check(((delegate* unmanaged<nint, int*, nint>)Table[60])(info, &type));
            Check(((delegate* unmanaged<nint, nuint*, nint>)Table[61])(info, &rank));
            long[] shape = new long[rank];
            fixed (long* dimensions = shape)
            {
                Check(((delegate* unmanaged<nint, long*, nuint, nint>)Table[62])(info, dimensions, rank));
            }

            return ((ElementType)type, shape);
        }
        finally
        {
            ((delegate* unmanaged<nint, void>)Table[99])(info);
        }
    }

    /// <summary>A float attribute of the node.</summary>
    public static float FloatAttribute(nint info, byte* name)
    {
        float value;
        Check(((delegate* unmanaged<nint, byte*, float*, nint>)Table[85])(info, name, &value));
        return value;
    }

    /// <summary>An integer attribute of the node.</summary>
    public static long IntAttribute(nint info, byte* name)
    {
        long value;
        Check(((delegate* unmanaged<nint, byte*, long*, nint>)Table[86])(info, name, &value));
        return value;
    }

    /// <summary>An integer list attribute of the node.</summary>
    public static long[] IntsAttribute(nint info, byte* name)
    {
        delegate* unmanaged<nint, byte*, long*, nuint*, nint> call = (delegate* unmanaged<nint, byte*, long*, nuint*, nint>)Table[163];
        nuint count = 0;
        Check(call(info, name, null, &count));
        long[] values = new long[count];
        fixed (long* pointer = values)
        {
            Check(call(info, name, pointer, &count));
        }

        return values;
    }

    /// <summary>Input i of a running kernel; owned by the context.</summary>
    public static nint Input(nint context, int index)
    {
        nint value;
        Check(((delegate* unmanaged<nint, nuint, nint*, nint>)Table[90])(context, (nuint)index, &value));
        return value;
    }

    /// <summary>Output i of a running kernel, allocated or bound; owned by the context.</summary>
    public static nint Output(nint context, int index, ReadOnlySpan<long> shape)
    {
        nint value;
        fixed (long* dimensions = shape)
        {
            // A scalar's empty span has no address, and the call refuses null.
            long none = 0;
            Check(((delegate* unmanaged<nint, nuint, long*, nuint, nint*, nint>)Table[91])(context,
                (nuint)index, dimensions is null ? &none : dimensions, (nuint)shape.Length, &value));
        }

        return value;
    }

    /// <summary>The CUDA stream that a running kernel's provider works on.</summary>
    public static nint CudaStream(nint context)
    {
        nint stream;
        Check(((delegate* unmanaged<nint, nint*, nint>)Table[193])(context, &stream));
        return stream;
    }

    /// <summary>Memory of the running kernel's provider with any content, ordered on its stream; the caller gives it back.</summary>
    /// <param name="context">The kernel's call.</param>
    /// <param name="memory">Whose memory.</param>
    /// <param name="bytes">Above zero.</param>
    public static void* Scratch(nint context, OrtMemoryInfo memory, nuint bytes)
    {
        void* scratch;
        Check(((delegate* unmanaged<nint, nint, nuint, void**, nint>)Table[277])(context, memory.DangerousGetHandle(), bytes, &scratch));
        GC.KeepAlive(memory);
        return scratch;
    }

    /// <summary>Gives memory of <see cref="Scratch"/> back.</summary>
    public static void FreeScratch(nint context, OrtMemoryInfo memory, IEnumerable<nint> scratch)
    {
        nint allocator;
        Check(((delegate* unmanaged<nint, nint, nint*, nint>)Table[253])(context, memory.DangerousGetHandle(), &allocator));
        foreach (nint address in scratch)
        {
            Check(((delegate* unmanaged<nint, nint, nint>)Table[76])(allocator, address));
        }

        ((delegate* unmanaged<nint, void>)Table[132])(allocator);
        GC.KeepAlive(memory);
    }

    /// <summary>Runs body(argument, 0..total-1) on the session's own threads and waits.</summary>
    public static void ParallelFor(nint context, delegate* unmanaged<nint, nuint, void> body, int total, nint argument)
        => Check(((delegate* unmanaged<nint, delegate* unmanaged<nint, nuint, void>, nuint, nuint, nint, nint>)Table[274])(
            context, body, (nuint)total, 0, argument));

    private static nint* Open()
    {
        // The C# classes load the library when their environment is made; the same file is then mapped once.
        _ = OrtEnvironment.Instance;
        nint library = NativeLibraries.Load("libonnxruntime.so");
        nint* entry = ((delegate* unmanaged<nint*>)NativeLibrary.GetExport(library, "OrtGetApiBase"))();
        nint* table = ((delegate* unmanaged<uint, nint*>)entry[0])(Version);
        return table is not null
            ? table
            : throw new CloudsException(
                Failure.Device, "ONNX Runtime is too old", found: OrtEnvironment.Instance.GetVersionString(), expected: $"1.{Version} or newer");
    }
}
