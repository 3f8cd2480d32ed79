using System.Runtime.InteropServices;
using System.Text;

namespace Clouds.Emulator.Driver;

/// <summary>
/// The entry points of libcuda.so.1 that Clouds.Native uses, with the driver's names, signatures and codes. A <see cref="DriverState"/> gives their
/// addresses; compiled ahead of time, the same methods are exports of a stand-in library. As in CUDA, a thread's current context says which GPU a
/// call is meant for, and thereby which driver.
/// </summary>
public static unsafe partial class EmulatedDriver
{
    private const int Success = 0;
    private const int InvalidValue = 1;
    private const int OutOfMemory = 2;
    private const int NoDevice = 100;
    private const int InvalidDevice = 101;
    private const int InvalidContext = 201;
    private const int NoBinary = 209;
    private const int InvalidPtx = 218;
    private const int UnsupportedPtxVersion = 222;
    private const int InvalidHandle = 400;
    private const int NotFound = 500;
    private const int IllegalAddress = 700;
    private const int LaunchTimeout = 702;
    private const int MisalignedAddress = 716;
    private const int LaunchFailed = 719;
    private const int NotSupported = 801;
    private const int Unknown = 999;

    private static readonly Lock NamesGate = new();
    private static readonly Dictionary<int, nint> ErrorNames = [];

    // What the process's environment asks for; the driver behind the library's own cuInit, cuDriverGetVersion, cuDeviceGetCount and cuDeviceGet.
    private static readonly Lazy<DriverState> StandIn = new(DriverEnvironment.Read);

    [ThreadStatic]
    private static DriverGpu? _current;

    /// <summary>A call that only a driver is needed for.</summary>
    private static int Call(DriverState driver, string name, Func<DriverState, int> body)
    {
        lock (driver.Gate)
        {
            try
            {
                int failure = driver.Enter(name);
                return failure != Success ? failure : body(driver);
            }
            catch (EmulatorFault fault)
            {
                driver.LastFault = fault;
                return InvalidValue;
            }
            catch (Exception defect)
            {
                // No exception may cross an entry point: the process would end without a word.
                Console.Error.WriteLine($"emulator: {defect}");
                return LaunchFailed;
            }
        }
    }

    /// <summary>A call on a device that may have no context yet.</summary>
    private static int Call(int device, string name, Func<DriverGpu, int> body)
        => DriverGpu.OfDevice(device) is DriverGpu gpu ? Call(gpu.Driver, name, _ => body(gpu)) : InvalidDevice;

    /// <summary>A call on the thread's context.</summary>
    private static int Call(string name, Func<DriverGpu, int> body) => _current is not DriverGpu gpu ? InvalidContext
        : Call(gpu.Driver, name, _ => gpu.IsGone || gpu.Retained == 0 ? InvalidContext : gpu.Sticky != Success ? gpu.Sticky : body(gpu));

    private static int CallStandIn(Func<DriverState, int> call)
    {
        try
        {
            return call(StandIn.Value);
        }
        catch (FormatException wrong)
        {
            Console.Error.WriteLine($"emulator: {wrong.Message}");
            return Unknown;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "cuInit")]
    private static int CuInit(uint flags) => CallStandIn(driver => Initialise(driver, flags));

    internal static int Initialise(DriverState driver, uint flags)
        => Call(driver, "cuInit", _ => flags != 0 ? InvalidValue : driver.Gpus.Count == 0 ? NoDevice : Success);

    [UnmanagedCallersOnly(EntryPoint = "cuDriverGetVersion")]
    private static int CuDriverGetVersion(int* version) => CallStandIn(driver => GetVersion(driver, version));

    internal static int GetVersion(DriverState driver, int* version) => Call(driver, "cuDriverGetVersion", _ => Set(version, driver.Version));

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGetCount")]
    private static int CuDeviceGetCount(int* count) => CallStandIn(driver => GetCount(driver, count));

    internal static int GetCount(DriverState driver, int* count) => Call(driver, "cuDeviceGetCount", _ => Set(count, driver.Gpus.Count));

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGet")]
    private static int CuDeviceGet(int* device, int ordinal) => CallStandIn(driver => GetDevice(driver, device, ordinal));

    internal static int GetDevice(DriverState driver, int* device, int ordinal) => Call(
        driver, "cuDeviceGet", _ => ordinal >= 0 && ordinal < driver.Gpus.Count ? Set(device, driver.Gpus[ordinal].Number) : InvalidDevice);

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGetName")]
    private static int CuDeviceGetName(byte* name, int length, int device) => Call(device, "cuDeviceGetName", gpu =>
    {
        Text($"PTX emulator, sm_{gpu.Device.Settings.Architecture}", name, length);
        return Success;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGetAttribute")]
    private static int CuDeviceGetAttribute(int* value, int attribute, int device) => Call(device, "cuDeviceGetAttribute", gpu => Set(value, attribute switch
    {
        1 => 1024,
        2 or 3 => 1024,
        4 => 64,
        5 => int.MaxValue,
        6 or 7 => 65_535,
        8 => 48 * 1024,
        10 => 32,
        12 => 65_536,
        13 => 1_000_000,
        16 => gpu.Device.Settings.ResidentBlocks,
        33 => gpu.Device.Ordinal + 1,
        36 => 1_000_000,
        37 => 256,
        38 => 4 << 20,
        39 => 2048,
        75 => gpu.Device.Settings.Architecture / 10,
        76 => gpu.Device.Settings.Architecture % 10,
        97 => 163 * 1024,
        _ => 0,
    }));

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceTotalMem_v2")]
    private static int CuDeviceTotalMem(nuint* bytes, int device) => Call(device, "cuDeviceTotalMem_v2", gpu => Set(bytes, (nuint)gpu.Device.MemoryBytes));

    [UnmanagedCallersOnly(EntryPoint = "cuDevicePrimaryCtxRetain")]
    private static int CuDevicePrimaryCtxRetain(nint* context, int device) => Call(device, "cuDevicePrimaryCtxRetain", gpu =>
    {
        gpu.Retained++;
        return Set(context, gpu.Context);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuDevicePrimaryCtxRelease_v2")]
    private static int CuDevicePrimaryCtxRelease(int device) => Call(device, "cuDevicePrimaryCtxRelease_v2", gpu =>
    {
        if (gpu.Retained == 0)
        {
            return InvalidContext;
        }

        gpu.Retained--;
        return Success;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuCtxSetCurrent")]
    private static int CuCtxSetCurrent(nint context)
    {
        DriverGpu? gpu = DriverGpu.OfContext(context);
        if (gpu is null)
        {
            _current = null;
            return context == 0 ? Success : InvalidContext;
        }

        return Call(gpu.Driver, "cuCtxSetCurrent", _ =>
        {
            _current = gpu;
            return Success;
        });
    }

    [UnmanagedCallersOnly(EntryPoint = "cuCtxGetCurrent")]
    private static int CuCtxGetCurrent(nint* context) => Set(context, _current?.Context ?? 0);

    [UnmanagedCallersOnly(EntryPoint = "cuCtxSynchronize")]
    private static int CuCtxSynchronize() => Call("cuCtxSynchronize", _ => Success);

    // ONNX Runtime's CUDA provider is not loaded where a driver lacks it; only kernels that the emulator does not run would use it.
    [UnmanagedCallersOnly(EntryPoint = "cuTensorMapEncodeTiled")]
    private static int CuTensorMapEncodeTiled() => NotSupported;

    [UnmanagedCallersOnly(EntryPoint = "cuGetErrorName")]
    private static int CuGetErrorName(int error, nint* text) => Set(text, Name(error));

    [UnmanagedCallersOnly(EntryPoint = "cuGetErrorString")]
    private static int CuGetErrorString(int error, nint* text) => Set(text, Name(error));

    private static nint Name(int error)
    {
        lock (NamesGate)
        {
            if (!ErrorNames.TryGetValue(error, out nint text))
            {
                ErrorNames[error] = text = Marshal.StringToCoTaskMemUTF8(ErrorName(error));
            }

            return text;
        }
    }

    private static string ErrorName(int error) => error switch
    {
        Success => "CUDA_SUCCESS",
        InvalidValue => "CUDA_ERROR_INVALID_VALUE",
        OutOfMemory => "CUDA_ERROR_OUT_OF_MEMORY",
        3 => "CUDA_ERROR_NOT_INITIALIZED",
        NoDevice => "CUDA_ERROR_NO_DEVICE",
        InvalidDevice => "CUDA_ERROR_INVALID_DEVICE",
        200 => "CUDA_ERROR_INVALID_IMAGE",
        InvalidContext => "CUDA_ERROR_INVALID_CONTEXT",
        NoBinary => "CUDA_ERROR_NO_BINARY_FOR_GPU",
        InvalidPtx => "CUDA_ERROR_INVALID_PTX",
        UnsupportedPtxVersion => "CUDA_ERROR_UNSUPPORTED_PTX_VERSION",
        InvalidHandle => "CUDA_ERROR_INVALID_HANDLE",
        NotFound => "CUDA_ERROR_NOT_FOUND",
        IllegalAddress => "CUDA_ERROR_ILLEGAL_ADDRESS",
        701 => "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES",
        LaunchTimeout => "CUDA_ERROR_LAUNCH_TIMEOUT",
        MisalignedAddress => "CUDA_ERROR_MISALIGNED_ADDRESS",
        LaunchFailed => "CUDA_ERROR_LAUNCH_FAILED",
        NotSupported => "CUDA_ERROR_NOT_SUPPORTED",
        803 => "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
        _ => "CUDA_ERROR_UNKNOWN",
    };

    private static void Text(string text, byte* target, int length)
    {
        if (length > 0)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            int count = Math.Min(bytes.Length, length - 1);
            bytes.AsSpan(0, count).CopyTo(new Span<byte>(target, length));
            target[count] = 0;
        }
    }

    private static int Set<T>(T* target, T value)
        where T : unmanaged
    {
        if (target is null)
        {
            return InvalidValue;
        }

        *target = value;
        return Success;
    }
}
